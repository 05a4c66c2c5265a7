// /v1/deliveries: what happened to each event at each endpoint. Rows come from the store on a reading thread;
// which of the pending ones are in flight this very moment, and what the others wait for, only the engine can
// say, so it is asked before the reply goes out.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "api/resources.h"
#include "api/v1/delivery_filter.h"
#include "api/v1/delivery_json.h"
#include "api/v1/reply.h"
#include "api/wire/idempotency.h"
#include "api/wire/list_filter.h"
#include "api/wire/page.h"
#include "api/wire/page_read.h"
#include "api/wire/query.h"
#include "core/causes.h"
#include "core/text/one_of.h"
#include "json/text.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

using engine::Reply;

Reply no_delivery(std::string_view id) {
  return not_found(problems.delivery_not_found, "delivery", id);
}

std::string_view cause_doc() {
  static const std::string text = fmt::format("Cause of the last failed attempt: {}.", one_of(cause_texts()));
  return text;
}

using Rows = std::vector<ShownDelivery>;
using RowsDone = std::function<void(const Rows&)>;

// Has the engine add to those that are pending, then runs `done` on a reading thread: at once when none is
// pending, else after an inspection on the engine's thread, which adds to the rows and does no more than
// that.
void ask_engine(Context& context, Rows&& read, const Replier& answer, RowsDone done) {
  if (std::ranges::none_of(read, &ShownDelivery::is_pending)) return done(read);
  context.commands.submit(engine::Inspect{[&context, rows = std::make_shared<Rows>(std::move(read)), answer,
                                           done = std::move(done)](const engine::EngineView& view) {
    const auto now = context.clock.now();
    for (auto& row : *rows) row.look(view, now);
    go_on_later(context, answer, Weight::light, [rows, done] { done(*rows); });
  }});
}

// A row of a list. Without the words of its last failure, when they cannot be read, its hint is a general
// one.
ShownDelivery read_row(Reader& reader, const DeliveryView& view) {
  ShownDelivery row{.view = view};
  if (!needs_failure_words(view.row)) return row;
  if (const auto words = reader.last_failure(view.row.key)) row.words = printable_utf8(*words);
  return row;
}

// What a list's reply needs besides its rows.
struct ListCall {
  std::string query;
  bool in_flight_only = false;
  std::optional<std::string> next_cursor;
};

http::Response list_response(const Rows& rows, const RegistryView& registry, const ListCall& list) {
  JsonWriter json;
  json.begin_array();
  for (const auto& row : rows) {
    const bool listed = !list.in_flight_only || row.view.row.status == DeliveryStatus::in_flight;
    if (listed) write_delivery(row, registry, json);
  }
  return page_response(json.end_array().take(), list.next_cursor, list.query);
}

void answer_list(Context& context, const RegistryDoor& door, Reader& reader, const Replier& answer,
                 const DeliveryPage& page, ListCall list) {
  if (page.next) list.next_cursor = delivery_id_text(*page.next);
  Rows rows;
  for (const auto& view : page.deliveries) rows.push_back(read_row(reader, view));
  ask_engine(context, std::move(rows), answer,
             [answer, registry = door.now(), list = std::move(list)](const Rows& asked) {
               answer(list_response(asked, registry, list));
             });
}

// Runs on a reading thread.
void read_list(Context& context, const RegistryDoor& door, Reader& reader, const Replier& answer,
               DeliveryQuery query, ListCall list) {
  auto filter = resolve_event(reader, query);
  if (!filter) return answer(store_trouble(Family::v1, filter.error()));
  if (!*filter) return answer(list_response({}, door.now(), list));  // of an event that does not exist
  read_page<DeliveryPage>(context, reader, answer, **filter,
                          [=, &context](Reader& last, const Result<DeliveryPage>& page) {
                            if (!page) return answer(store_trouble(Family::v1, page.error()));
                            answer_list(context, door, last, answer, *page, list);
                          });
}

// Attempts of one reply, each with up to 16 KiB of response.
constexpr std::uint32_t kMaxShownAttempts = 100;

http::Response detail_response(const ShownDelivery& delivery, const std::vector<AttemptRow>& attempts,
                               const RegistryView& registry) {
  auto response = to_response(json_reply(200, delivery_json(delivery, attempts, registry)));
  response.headers.add("cache-control: no-store");
  return response;
}

void read_one(Context& context, const RegistryDoor& door, Reader& reader, const Replier& answer,
              const DeliveryKey& key, std::uint32_t attempts_before) {
  const auto view = reader.delivery(key);
  if (!view) {
    const bool unknown = view.error().code == ErrorCode::not_found;
    return answer(unknown ? no_delivery(delivery_id_text(key)) : store_trouble(Family::v1, view.error()));
  }
  auto attempts = reader.attempts(key, attempts_before, kMaxShownAttempts);
  if (!attempts) return answer(store_trouble(Family::v1, attempts.error()));
  const auto words = reader.last_failure(key);
  if (!words) return answer(store_trouble(Family::v1, words.error()));
  ShownDelivery shown{.view = *view, .words = printable_utf8(*words)};
  const bool has_last = attempts_before == kAllAttempts && !attempts->empty();
  if (has_last && !attempts->back().succeeded) shown.webhook_delivery = attempts->back().response.webhook_delivery;
  auto kept = std::make_shared<const std::vector<AttemptRow>>(*std::move(attempts));
  ask_engine(context, {std::move(shown)}, answer,
             [answer, registry = door.now(), kept = std::move(kept)](const Rows& asked) {
               answer(detail_response(asked.front(), *kept, registry));
             });
}

// Which attempts are asked for: those before this one.
std::uint32_t attempts_before(std::string_view query, std::vector<FieldError>& errors) {
  constexpr std::string_view kName = "attempts_before";
  const auto text = query_value(query, kName);
  if (!text || text->empty()) return kAllAttempts;
  const auto number = whole_number(*text);
  if (number && *number >= 1 && *number <= kAllAttempts) return static_cast<std::uint32_t>(*number);
  errors.push_back(parameter_error(kName, "must be the number of an attempt"));
  return kAllAttempts;
}

// A refusal names the call that makes it possible. `endpoint`: the id of the delivery's.
Reply refused_retry(const engine::Refused& refused, const EndpointId& endpoint) {
  auto problem = problem_of(refused);
  problem.endpoint_id = endpoint.text();
  return to_reply(problem);
}

Reply render_retried(const engine::Outcome<DeliveryRow>& outcome, const EndpointId& endpoint) {
  if (!outcome) return refused_retry(outcome.error(), endpoint);
  JsonWriter json;
  json.begin_object().member("id", delivery_id_text(outcome->key)).member("status", to_text(outcome->status));
  json.member("attempts_made", std::uint64_t{outcome->attempts});
  json.member("retries_by_hand", std::uint64_t{outcome->by_hand}).member("next_attempt_at", outcome->due);
  return json_reply(202, json.end_object().take());
}

void list_deliveries(Call& call) {
  const auto registry = call.registry.now();
  const std::string query(call.request.query());
  auto parsed = parse_delivery_query(query, registry);
  if (!parsed) return call.answer(to_reply(query_problem(std::move(parsed.error()))));
  ListCall list{query, parsed->in_flight_only, std::nullopt};
  read_later(call, [&context = call.context, door = call.registry, parsed = *std::move(parsed), list = std::move(list)](
                       Reader& reader, const Replier& answer) {
    read_list(context, door, reader, answer, parsed, list);
  });
}

void show_delivery(Call& call) {
  const auto key = parse_delivery_id(call.parameter);
  if (!key) return call.answer(no_delivery(call.parameter));
  std::vector<FieldError> errors;
  const auto before = attempts_before(call.request.query(), errors);
  if (!errors.empty()) return call.answer(to_reply(query_problem(std::move(errors))));
  read_later(call, [&context = call.context, door = call.registry, key = *key, before](Reader& reader, const Replier& answer) {
    read_one(context, door, reader, answer, key, before);
  });
}

void retry_delivery(Call& call) {
  const auto key = parse_delivery_id(call.parameter);
  const auto registry = call.registry.now();
  // The engine has no more endpoints than the registry; an id made up of other numbers names no delivery.
  const auto* endpoint = key ? registry.endpoint_numbered(key->endpoint) : nullptr;
  if (!endpoint) return call.answer(no_delivery(call.parameter));
  std::optional<Problem> problem;
  auto claim = v1_claim(call.request, fmt::format("POST /v1/deliveries/{}/retry", call.parameter), problem);
  if (problem) return call.answer(to_reply(*problem));
  engine::RetryDelivery command{.key = *key, .claim = *std::move(claim)};
  command.reply = reply_to<DeliveryRow>(call.answer, [endpoint = endpoint->id](const auto& outcome) {
    return render_retried(outcome, endpoint);
  });
  call.context.commands.submit(std::move(command));
}

ParameterDoc delivery_cursor_doc() {
  return {"cursor", "query", "`next_cursor` of the previous page; empty for the first page.",
          R"({"type":"string","pattern":"^(dlv_[0-9a-z]{26})?$","default":""})"};
}

constexpr NamedSchema kSchemas[] = {
    {"Delivery", R"({
      "type": "object", "required": ["id", "event_id", "event", "endpoint_id", "url", "status", "attempts_made",
        "retries_by_hand", "cause", "status_code", "hint", "created_at", "last_attempt_at", "next_attempt_at"],
      "properties": {
        "id": {"type": "string"}, "event_id": {"type": "string"}, "event": {"type": ["string", "null"]},
        "endpoint_id": {"type": ["string", "null"]}, "url": {"type": ["string", "null"]},
        "status": {"type": "string", "enum": ["pending", "in_flight", "succeeded", "exhausted", "cancelled"],
                   "description": "in_flight: an attempt is under way or about to start."},
        "attempts_made": {"type": "integer"},
        "retries_by_hand": {"type": "integer", "description": "How often a retry by hand was requested; at most 1,000. A request while an attempt is under way, or is about to start by an earlier request, is the same retry and not counted again."},
        "cause": {"type": ["string", "null"], "description": "Cause of the last failed attempt."},
        "status_code": {"type": ["integer", "null"], "description": "HTTP status of the last attempt. null: no response."},
        "hint": {"type": ["string", "null"], "description": "What a pending delivery waits for, and why the last attempt failed."},
        "created_at": {"type": "string", "format": "date-time"},
        "last_attempt_at": {"type": ["string", "null"]},
        "next_attempt_at": {"type": ["string", "null"], "description": "Of a pending delivery, never in the past. null: not known, for example while its endpoint is paused."}}})"},
    {"Attempt", R"({
      "type": "object",
      "required": ["id", "attempt", "succeeded", "status_code", "cause", "error", "hint", "started_at", "duration_ms",
                   "timings_ms", "remote_address", "connection_reused", "reason", "retry_after",
                   "response_content_type", "response_body"],
      "properties": {
        "id": {"type": "string"}, "attempt": {"type": "integer", "minimum": 1, "description": "Counted from 1."},
        "succeeded": {"type": "boolean"}, "status_code": {"type": ["integer", "null"]},
        "cause": {"type": ["string", "null"]}, "error": {"type": ["string", "null"]},
        "hint": {"type": ["string", "null"]}, "started_at": {"type": "string", "format": "date-time"},
        "duration_ms": {"type": "number"},
        "timings_ms": {"type": "object", "required": ["dns", "connect", "tls", "first_byte", "total"],
          "properties": {"dns": {"type": "number"}, "connect": {"type": "number"}, "tls": {"type": "number"},
          "first_byte": {"type": ["number", "null"], "description": "null: no response began."},
          "total": {"type": "number"}}},
        "remote_address": {"type": ["string", "null"]}, "connection_reused": {"type": "boolean"},
        "reason": {"type": ["string", "null"]}, "retry_after": {"type": ["string", "null"]},
        "response_content_type": {"type": ["string", "null"]},
        "response_body": {"type": ["string", "null"], "description": "At most 16 KiB are kept."}}})"},
    {"DeliveryPage", R"({
      "type": "object", "required": ["data", "next_cursor", "has_more"],
      "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Delivery"}},
                     "next_cursor": {"type": ["string", "null"]}, "has_more": {"type": "boolean"}}})"},
    {"DeliveryDetail", R"({
      "allOf": [{"$ref": "#/components/schemas/Delivery"},
                {"type": "object", "required": ["attempts", "attempts_before"], "properties": {
                  "attempts": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Attempt"}},
                  "attempts_before": {"type": ["integer", "null"],
                    "description": "Where earlier attempts are asked for; null: these are the first ones."}}}]})"},
    {"DeliveryRetried", R"({
      "type": "object", "required": ["id", "status", "attempts_made", "retries_by_hand", "next_attempt_at"],
      "properties": {"id": {"type": "string"}, "status": {"type": "string"}, "attempts_made": {"type": "integer"},
                     "retries_by_hand": {"type": "integer"},
                     "next_attempt_at": {"type": ["string", "null"]}}})"},
};

}  // namespace

Resource deliveries() {
  return {
      .routes =
          {
              {.method = http::Method::get,
               .path = "/v1/deliveries",
               .scope = Scope::integrator,
               .handler = list_deliveries,
               .id = "listDeliveries",
               .tag = "deliveries",
               .summary = "List deliveries",
               .description =
                   "Newest event first. A page can be shorter than `limit` even when `has_more` is "
                   "true.",
               .parameters = {filter_doc("status",
                                         "pending (includes those in flight), in_flight, succeeded, "
                                         "exhausted or cancelled."),
                              filter_doc("event", "An event's id, or the name of an event type."),
                              filter_doc("endpoint", "An endpoint's id."), filter_doc("cause", cause_doc()),
                              filter_doc("since", "Events accepted at or after this time (RFC 3339)."),
                              filter_doc("until", "Events accepted before this time (RFC 3339)."),
                              limit_doc(), delivery_cursor_doc()},
               .responses = {{200, "A page of deliveries", "DeliveryPage"}, invalid_doc()}},
              {.method = http::Method::get,
               .path = "/v1/deliveries/{id}",
               .scope = Scope::integrator,
               .handler = show_delivery,
               .id = "getDelivery",
               .tag = "deliveries",
               .summary = "Show a delivery and its attempts",
               .description = "The last 100 attempts are shown with what the receiver answered and how long "
                              "each step took.",
               .parameters = {{"attempts_before", "query",
                               "Show the attempts before this number: `attempts_before` of the response. "
                               "When it is empty, the last ones are shown.",
                               R"({"type":"string","pattern":"^([1-9][0-9]{0,8})?$","default":""})"}},
               .responses = {{200, "The delivery", "DeliveryDetail"},
                             not_found_doc("Delivery not found"),
                             invalid_doc()}},
              {.method = http::Method::post,
               .path = "/v1/deliveries/{id}/retry",
               .scope = Scope::integrator,
               .handler = retry_delivery,
               .id = "retryDelivery",
               .tag = "deliveries",
               .summary = "Send a delivery again",
               .description =
                   "Makes one more attempt at once, also while the endpoint is held or its breaker "
                   "is open: the attempt is then the probe. It ends no hold. A pending delivery keeps its "
                   "remaining attempts and the time of the next one; for an exhausted or cancelled delivery, "
                   "the retry schedule restarts. While an attempt is under way, or one that was requested "
                   "has not started, the call is answered with 202 and adds none: `retries_by_hand` then "
                   "stays as it was. At most 1,000 times for one delivery.",
               .responses = {{202, "The delivery is due now", "DeliveryRetried"},
                             not_found_doc("Delivery not found"),
                             {409,
                              "The endpoint is paused, disabled or removed, or the delivery was retried "
                              "too often",
                              "Problem"}},
               .idempotent = true},
          },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api
