// The contract's POST /ping: one test POST to each registered URL, and the report of what came back.
#include <fmt/format.h>

#include <memory>
#include <unordered_map>
#include <utility>

#include "api/contract/refusal.h"
#include "api/contract/body.h"
#include "api/contract/types.h"
#include "api/resources.h"
#include "api/subscriptions.h"
#include "api/wire/query.h"
#include "engine/target.h"
#include "json/text.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

constexpr std::string_view kDefaultPayload = R"({"message":"Ping from User Notification Webhook Service"})";

// Receivers of one call, counted once for each event. Each may answer with 16 KiB that the report repeats.
constexpr std::size_t kMaxReceivers = TestDeliveryLimits{}.admitted;

// Where the ping goes, in the order of the report.
struct Pinged {
  std::string event, url;
};
struct Plan {
  std::vector<Pinged> pinged;
  std::vector<SendJob> jobs;
};

// Exactly {"event","data"}, as the contract shows it.
EventRef ping_event(Context& context, std::string_view type, std::string_view payload) {
  auto event = std::make_shared<Event>();
  event->id = fresh_event_id(context);
  event->accepted_at = context.clock.now();
  event->type_name = type;
  event->body =
      JsonWriter().begin_object().member("event", type).raw_member("data", payload).end_object().take();
  return event;
}

Plan plan_ping(Context& context, const std::vector<ChosenType>& types, std::string_view payload) {
  Plan plan;
  std::unordered_map<const Endpoint*, TargetRef> targets;  // an endpoint of many events has one
  for (const auto& type : types) {
    const EventRef event = ping_event(context, type.name, payload);
    for (const auto* endpoint : type.endpoints) {
      auto& target = targets[endpoint];
      if (!target) target = engine::make_target(*endpoint, context.options.attempt_timeout);
      plan.pinged.push_back({std::string(type.name), endpoint->url});
      plan.jobs.push_back({.target = target, .event = event});
    }
  }
  return plan;
}

std::size_t receivers_of(const std::vector<ChosenType>& types) {
  std::size_t count = 0;
  for (const auto& type : types) count += type.endpoints.size();
  return count;
}

engine::Reply too_many_receivers(std::size_t count, const std::optional<std::string>& filter) {
  const bool filtered = filter && !filter->empty();
  Faults faults;
  faults.add("value_error", "query", "event_filter",
             fmt::format("Value error, one call pings at most {} receivers, and these are {}; {}",
                         kMaxReceivers, count,
                         filtered ? "test them one by one with POST /v1/endpoints/{id}/test"
                                  : "name one event in event_filter"),
             filtered ? JsonWriter().value(*filter).take() : "null");
  return faults.reply();
}

bool succeeded(const Response& response) {
  return response.status >= 200 && response.status < 300;
}

// The receiver's JSON as it wrote it; an object without members when it is none.
std::string_view payload_response(const Response& response) {
  return is_json(response.body) ? trimmed_json(without_bom(response.body)) : "{}";
}

std::string error_text(const Response& response) {
  if (response.status == 0) return printable_utf8(response.detail);
  const std::string reason = printable_utf8(response.reason);
  return fmt::format("HTTP error: {}", reason.empty() ? http::reason_phrase(response.status) : reason);
}

// What was asked for; the payload may be empty.
struct PingCall {
  std::optional<std::string> filter;
  std::string payload;
  bool durations = false;  // each entry says how long its receiver took
};

void write_entry(const Pinged& pinged, const Response& response, bool duration, JsonWriter& json) {
  json.begin_object().member("event", pinged.event).member("url", pinged.url);
  if (succeeded(response))
    json.raw_member("payload_response", payload_response(response));
  else
    json.member("error", error_text(response));
  json.key("status_code");
  if (response.status == 0)
    json.null();
  else
    json.value(response.status);
  if (duration) json.raw_member("duration_ms", millis_text(response.timing.total));
  json.end_object();
}

// One half of the report, and how many entries it has.
std::pair<std::string, int> entries(const std::vector<Pinged>& pinged, const std::vector<Response>& responses,
                                    bool good, bool durations) {
  JsonWriter json;
  int count = 0;
  json.begin_array();
  for (std::size_t i = 0; i < pinged.size(); ++i) {
    if (succeeded(responses[i]) != good) continue;
    write_entry(pinged[i], responses[i], durations, json);
    ++count;
  }
  return {json.end_array().take(), count};
}

std::string report_message(const std::optional<std::string>& filter) {
  if (!filter || filter->empty()) return "Pinged all registered webhooks successfully.";
  return fmt::format("Pinged webhooks for event '{}' successfully.", *filter);
}

engine::Reply report(const PingCall& asked, const std::vector<Pinged>& pinged,
                     const std::vector<Response>& responses) {
  const auto [good, good_count] = entries(pinged, responses, true, asked.durations);
  const auto [bad, bad_count] = entries(pinged, responses, false, asked.durations);
  JsonWriter json;
  json.begin_object().member("message", report_message(asked.filter));
  json.member("successful_webhooks_count", good_count).raw_member("successful_webhooks", good);
  json.member("failed_webhooks_count", bad_count).raw_member("failed_webhooks", bad);
  if (bad_count > 0) {
    json.member("hint", fmt::format("{} of {} receivers did not answer 2xx; failed_webhooks says why.",
                                    bad_count, good_count + bad_count));
  }
  return json_reply(200, json.end_object().take());
}

// Runs on a reading thread, and so does the report.
void ping(Context& context, const RegistryView& registry, const PingCall& asked, const Replier& answer) {
  const auto subscriptions = context.subscriptions.of(registry);
  const auto types = choose_types(*subscriptions, asked.filter);
  if (!types) return answer(types.error());
  const auto count = receivers_of(*types);
  if (count > kMaxReceivers) return answer(too_many_receivers(count, asked.filter));

  auto plan =
      plan_ping(context, *types, asked.payload.empty() ? kDefaultPayload : std::string_view(asked.payload));
  auto pinged = std::make_shared<const std::vector<Pinged>>(std::move(plan.pinged));
  const bool sent =
      context.test_deliveries.send(TestKind::ping, std::move(plan.jobs),
                          [&context, answer, asked, pinged](
                              std::vector<Response>&& responses, TestDeliveries::Permit permit) {
                            auto kept = std::make_shared<const std::vector<Response>>(std::move(responses));
                            go_on_later(context, answer, Weight::heavy,
                                        [answer, asked, pinged, kept, permit = std::move(permit)] {
                                          answer(report(asked, *pinged, *kept));
                                        });
                          });
  if (!sent)
    answer(contract_trouble({engine::Refusal::overloaded, "Too many test deliveries are under way"}, {}));
}

void ping_webhooks(Call& call) {
  const auto payload = read_ping_payload(call);
  if (!payload.faults.empty()) return call.answer(payload.faults.reply());
  PingCall asked{query_value(call.request.query(), "event_filter"), std::string(payload.json),
                 query_value(call.request.query(), "durations") == "true"};
  compute_later(call, [&context = call.context, door = call.registry,
                       asked = std::move(asked)](const Replier& answer) {
    ping(context, door.now(), asked, answer);
  });
}

constexpr NamedSchema kSchemas[] = {
    {"PingPayload", R"({
      "type": "object", "additionalProperties": true, "description": "Any JSON object. Left out or empty: a default message is sent.",
      "examples": [{"message": "Ping from User Notification Webhook Service"}]})"},
    {"PingReport", R"({
      "type": "object",
      "required": ["message", "successful_webhooks_count", "successful_webhooks", "failed_webhooks_count",
                   "failed_webhooks"],
      "properties": {
        "message": {"type": "string"},
        "successful_webhooks_count": {"type": "integer"},
        "successful_webhooks": {"type": "array", "items": {
          "type": "object", "required": ["event", "url", "payload_response", "status_code"],
          "properties": {"event": {"type": "string"}, "url": {"type": "string"},
                         "payload_response": {"description": "The receiver's JSON response, or {}."},
                         "status_code": {"type": "integer"},
                         "duration_ms": {"type": "number", "description": "Only with durations=true: from the first step to the end of the response."}}}},
        "failed_webhooks_count": {"type": "integer"},
        "hint": {"type": "string", "description": "Only when a receiver failed."},
        "failed_webhooks": {"type": "array", "items": {
          "type": "object", "required": ["event", "url", "error", "status_code"],
          "properties": {"event": {"type": "string"}, "url": {"type": "string"}, "error": {"type": "string"},
                         "status_code": {"type": ["integer", "null"]}, "duration_ms": {"type": "number"}}}}},
      "examples": [{
        "message": "Pinged all registered webhooks successfully.",
        "successful_webhooks_count": 1,
        "successful_webhooks": [{"event": "user_registered", "url": "http://127.0.0.1:9000/hook",
                                 "payload_response": {"message": "Webhook received successfully"}, "status_code": 200}],
        "failed_webhooks_count": 1,
        "failed_webhooks": [{"event": "user_registered", "url": "http://127.0.0.1:9001/hook",
                             "error": "Connection refused", "status_code": null}]}]})"},
};

}  // namespace

Resource pings() {
  return {
      .routes = {
         {.method = http::Method::post,
          .path = "/ping",
          .scope = Scope::integrator,
          .handler = ping_webhooks,
          .id = "pingWebhooks",
          .tag = "original calls",
          .summary = "Send a test POST to every registered URL",
          .description = "Waits for all responses (sent in parallel, each limited by the delivery "
                         "time-out) and reports them. The body may be any JSON object and becomes the "
                         "payload; without one a default is sent.",
          .request_schema = "PingPayload",
          .request_required = false,
          .parameters = {event_filter_doc(),
                         {"durations", "query", "true: each entry also says how long its receiver took.",
                          R"({"type":"string","enum":["","true","false"],"default":""})"}},
          .responses = {{200, "The response of every receiver", "PingReport"},
                        {404, "Unknown event, or it has no URLs", "Error"},
                        {422, "The payload is not an object, or there are too many receivers for one call",
                          "ValidationError"}}},
      },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api
