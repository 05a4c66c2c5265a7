#include "api/delivery_json.h"

#include <fmt/format.h>

#include "api/explain.h"
#include "api/json_writer.h"
#include "api/text.h"

namespace exposee::api {
namespace {

std::string hint_for(Cause cause, int http_status, std::string_view detail, std::string_view url) {
  if (cause == Cause::none) return {};
  return explain({cause, http_status, detail, url}).hint();
}

// What went wrong before a success is told by its attempts; the delivery itself is well.
Cause shown_cause(const DeliveryRow& row) {
  return row.status == DeliveryStatus::succeeded ? Cause::none : row.cause;
}

void write_status_code(int status, JsonWriter& json) {
  json.key("status_code");
  if (status == 0)
    json.null();
  else
    json.value(status);
}

// Some step's time; null when the step never came.
std::string millis_or_null(Duration time) {
  return time == Duration{} ? "null" : millis_text(time);
}

void write_timing(const AttemptTiming& timing, JsonWriter& json) {
  json.raw_member("duration_ms", millis_text(timing.total)).key("timings_ms").begin_object();
  json.raw_member("dns", millis_text(timing.dns)).raw_member("connect", millis_text(timing.connect));
  json.raw_member("tls", millis_text(timing.tls)).raw_member("first_byte", millis_or_null(timing.first_byte));
  json.raw_member("total", millis_text(timing.total)).end_object();
}

void write_response(const Answer& answer, JsonWriter& json) {
  json.text_or_null("reason", printable_utf8(answer.reason));
  json.text_or_null("retry_after", printable_utf8(answer.retry_after));
  json.text_or_null("response_content_type", printable_utf8(answer.content_type)).key("response_body");
  if (answer.status == 0)
    json.null();
  else
    json.value(printable_utf8(answer.body));
}

void write_attempt(const AttemptRow& row, std::string_view url, JsonWriter& json) {
  const Answer& answer = row.answer;
  const std::string detail = printable_utf8(answer.detail);
  const Cause cause = row.succeeded ? Cause::none : cause_of(answer);
  json.begin_object().member("id", attempt_id_text(row.key, row.number));
  json.member("attempt", std::uint64_t{row.number}).member("succeeded", row.succeeded);
  write_status_code(answer.status, json);
  json.text_or_null("cause", cause == Cause::none ? "" : to_text(cause)).text_or_null("error", detail);
  json.text_or_null("hint", hint_for(cause, answer.status, detail, url))
      .member("started_at", answer.started_at);
  write_timing(answer.timing, json);
  json.text_or_null("remote_address", printable_utf8(answer.remote_address))
      .member("connection_reused", answer.reused);
  write_response(answer, json);
  json.end_object();
}

}  // namespace

std::string DeliveryText::text() const {
  std::string json = before;
  append_json_string(to_text(status), json);
  return json += after;
}

bool needs_failure_words(const DeliveryRow& row) {
  return shown_cause(row) != Cause::none && row.cause != Cause::http && row.attempts > 0;
}

DeliveryText delivery_text(const DeliveryView& view, const engine::RegistrySnapshot& registry,
                           std::string_view words, std::string_view attempts) {
  const DeliveryRow& row = view.row;
  const auto* type = registry.type_numbered(view.type);
  const auto* endpoint = registry.endpoint_numbered(row.key.endpoint);
  JsonWriter json;
  json.begin_object().member("id", delivery_id_text(row.key)).member("event_id", view.event_id.text());
  json.text_or_null("event", type ? std::string_view(type->name) : "");
  json.text_or_null("endpoint_id", endpoint ? endpoint->id.text() : "");
  json.text_or_null("url", endpoint ? std::string_view(endpoint->url) : "").key("status");
  DeliveryText text{row.key, row.status, json.take(), {}};

  JsonWriter rest;
  rest.begin_object().member("attempts_made", std::uint64_t{row.attempts});
  const Cause cause = shown_cause(row);
  rest.text_or_null("cause", cause == Cause::none ? "" : to_text(cause));
  write_status_code(row.http_status, rest);
  rest.text_or_null("hint",
                    hint_for(cause, row.http_status, words, endpoint ? std::string_view(endpoint->url) : ""));
  rest.member("created_at", view.created_at).member("last_attempt_at", view.last_attempt_at);
  rest.member("next_attempt_at", row.due);
  text.after = rest.end_object().take();
  text.after.front() = ',';  // goes on where `before` ends
  if (!attempts.empty()) {
    text.after.pop_back();
    text.after.append(",").append(attempts).append("}");
  }
  return text;
}

std::string attempts_json(const std::vector<AttemptRow>& attempts, std::string_view url) {
  JsonWriter json;
  json.begin_array();
  for (const auto& row : attempts) write_attempt(row, url, json);
  const bool more = !attempts.empty() && attempts.front().number > 1;
  return fmt::format(R"("attempts":{},"attempts_before":{})", json.end_array().take(),
                     more ? std::to_string(attempts.front().number) : "null");
}

}  // namespace exposee::api
