#include "api/v1/delivery_json.h"

#include "api/v1/explain.h"
#include "api/v1/waiting_words.h"
#include "core/verdict.h"
#include "json/text.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

// Of whom hints speak.
struct Names {
  std::string delivery_id, endpoint_id;  // empty: unknown
  std::string_view url;
};

std::string hint_for(Cause cause, int http_status, std::string_view detail, const Names& names) {
  if (cause == Cause::none) return {};
  return explain({cause, http_status, detail, names.url, names.endpoint_id, names.delivery_id}).hint();
}

// After what else is said of a failure.
std::string wish_words(std::string_view webhook_delivery) {
  switch (read_wish(webhook_delivery)) {
    case Wish::abort:
      return " It is not repeated: the receiver requested that with webhook-delivery: abort.";
    case Wish::disable:
      return " The endpoint was disabled: the receiver requested that with webhook-delivery: disable.";
    case Wish::none:
      return {};
  }
  return {};
}

// What went wrong before a success stands in its attempts; the delivery itself is well.
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

void write_response(const Response& response, JsonWriter& json) {
  json.text_or_null("reason", printable_utf8(response.reason));
  json.text_or_null("retry_after", printable_utf8(response.retry_after));
  json.text_or_null("response_content_type", printable_utf8(response.content_type)).key("response_body");
  if (response.status == 0)
    json.null();
  else
    json.value(printable_utf8(response.body));
}

void write_attempt(const AttemptRow& row, const Names& names, JsonWriter& json) {
  const Response& response = row.response;
  const std::string detail = printable_utf8(response.detail);
  const Cause cause = row.succeeded ? Cause::none : cause_of(response);
  json.begin_object().member("id", attempt_id_text(row.key, row.number));
  json.member("attempt", std::uint64_t{row.number}).member("succeeded", row.succeeded);
  write_status_code(response.status, json);
  json.text_or_null("cause", cause == Cause::none ? "" : to_text(cause)).text_or_null("error", detail);
  auto hint = hint_for(cause, response.status, detail, names);
  if (!hint.empty()) hint += wish_words(response.webhook_delivery);
  json.text_or_null("hint", hint)
      .member("started_at", response.started_at);
  write_timing(response.timing, json);
  json.text_or_null("remote_address", printable_utf8(response.remote_address))
      .member("connection_reused", response.reused);
  write_response(response, json);
  json.end_object();
}

Names names_of(const DeliveryKey& key, const Endpoint* endpoint) {
  if (!endpoint) return {.delivery_id = delivery_id_text(key)};
  return {delivery_id_text(key), endpoint->id.text(), endpoint->url};
}

// What it waits for or why it was cancelled, and why its last attempt failed.
std::string hint_of(const ShownDelivery& delivery, const Endpoint* endpoint, const Names& names) {
  const auto& row = delivery.view.row;
  std::string hint;
  if (delivery.is_pending()) hint = waiting_words(delivery.waiting, names.endpoint_id);
  if (row.status == DeliveryStatus::cancelled && row.cause != Cause::backup)
    hint = cancelled_words(endpoint, names.delivery_id);
  auto failure = hint_for(shown_cause(row), row.http_status, delivery.words, names);
  if (!failure.empty()) failure += wish_words(delivery.webhook_delivery);
  if (!hint.empty() && !failure.empty()) hint += " Last attempt: ";
  return hint += failure;
}

void write_members(const ShownDelivery& delivery, const RegistryView& registry, JsonWriter& json) {
  const auto& view = delivery.view;
  const DeliveryRow& row = view.row;
  const auto* type = registry.type_numbered(view.type);
  const auto* endpoint = registry.endpoint_numbered(row.key.endpoint);
  const auto names = names_of(row.key, endpoint);
  json.member("id", names.delivery_id).member("event_id", view.event_id.text());
  json.text_or_null("event", type ? std::string_view(type->name) : "");
  json.text_or_null("endpoint_id", names.endpoint_id)
      .text_or_null("url", names.url)
      .member("status", to_text(row.status));
  json.member("attempts_made", std::uint64_t{row.attempts})
      .member("retries_by_hand", std::uint64_t{row.by_hand});
  const Cause cause = shown_cause(row);
  json.text_or_null("cause", cause == Cause::none ? "" : to_text(cause));
  write_status_code(row.http_status, json);
  json.text_or_null("hint", hint_of(delivery, endpoint, names));
  json.member("created_at", view.created_at).member("last_attempt_at", view.last_attempt_at);
  json.member("next_attempt_at", row.due);
}

void write_attempts(const std::vector<AttemptRow>& attempts, const Names& names, JsonWriter& json) {
  json.key("attempts").begin_array();
  for (const auto& row : attempts) write_attempt(row, names, json);
  json.end_array().key("attempts_before");
  const bool more = !attempts.empty() && attempts.front().number > 1;
  if (more)
    json.value(std::uint64_t{attempts.front().number});
  else
    json.null();
}

}  // namespace

void ShownDelivery::look(const engine::EngineView& engine, Instant now) {
  if (!is_pending()) return;
  auto& row = view.row;
  waiting = engine.waiting(row, now);
  row.due = waiting.until;
  if (waiting.why == engine::WaitReason::in_flight) row.status = DeliveryStatus::in_flight;
}

bool needs_failure_words(const DeliveryRow& row) {
  const bool redirected = row.http_status / 100 == 3;  // and the words say where to
  return shown_cause(row) != Cause::none && (row.cause != Cause::http || redirected) && row.attempts > 0;
}

void write_delivery(const ShownDelivery& delivery, const RegistryView& registry, JsonWriter& json) {
  json.begin_object();
  write_members(delivery, registry, json);
  json.end_object();
}

std::string delivery_json(const ShownDelivery& delivery, const std::vector<AttemptRow>& attempts,
                          const RegistryView& registry) {
  JsonWriter json;
  json.begin_object();
  write_members(delivery, registry, json);
  const auto& key = delivery.view.row.key;
  write_attempts(attempts, names_of(key, registry.endpoint_numbered(key.endpoint)), json);
  return json.end_object().take();
}

}  // namespace exposee::api
