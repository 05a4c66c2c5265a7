// POST /v1/endpoints/{id}/test: one signed POST now, belonging to no event and no delivery, and what came
// back.
#include <memory>

#include "api/resources.h"
#include "api/v1/body.h"
#include "api/v1/explain.h"
#include "api/v1/reply.h"
#include "core/event_type.h"
#include "engine/target.h"
#include "json/text.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

constexpr std::string_view kTestType = "endpoint.test";
constexpr std::string_view kTestData = R"({"message":"Test of this endpoint by Exposee"})";

// The type that the receiver expects when the endpoint names exactly one, so that its handler runs; else one
// of our own.
std::string default_type(const Endpoint& endpoint) {
  for (const auto& entry : endpoint.events) {
    if (check_type_name(entry.pattern)) return entry.pattern;
  }
  return std::string(kTestType);
}

EventRef make_event(Context& context, std::string type, std::string_view data) {
  auto event = std::make_shared<Event>();
  event->id = fresh_event_id(context);
  event->accepted_at = context.clock.now();
  event->body = event_body(type, data, event->id, iso_chars(event->accepted_at));
  event->type_name = std::move(type);
  return event;
}

// The endpoint as it was asked to be tested.
struct Tested {
  std::string id, url;
};

engine::Reply report(const Response& response, const Event& event, const Tested& tested) {
  const Cause cause = cause_of(response);
  const std::string detail = printable_utf8(response.detail);
  JsonWriter json;
  json.begin_object().member("succeeded", cause == Cause::none).key("status_code");
  if (response.status == 0)
    json.null();
  else
    json.value(response.status);
  json.text_or_null("cause", cause == Cause::none ? "" : to_text(cause)).text_or_null("error", detail);
  json.text_or_null("hint", cause == Cause::none
                                ? ""
                                : explain({cause, response.status, detail, tested.url, tested.id}).hint());
  json.raw_member("duration_ms", millis_text(response.timing.total));
  json.text_or_null("response_content_type", printable_utf8(response.content_type)).key("response_body");
  if (response.status == 0)
    json.null();
  else
    json.value(printable_utf8(response.body));
  json.key("request")
      .begin_object()
      .member("url", tested.url)
      .member("message_id", message_id_text(event.id));
  json.member("event", event.type_name).member("body", event.body).end_object();
  return json_reply(200, json.end_object().take());
}

void test_endpoint(Call& call) {
  const auto registry = call.registry.now();
  const auto id = EndpointId::parse(call.parameter);
  const auto* endpoint = id ? registry.endpoint_with(*id) : nullptr;
  if (!endpoint) return call.answer(not_found(problems.endpoint_not_found, "endpoint", call.parameter));

  V1Body body(call.request, {"event", "data"}, V1Body::Presence::optional);
  std::string type = default_type(*endpoint);
  if (body.has("event")) {
    const auto name = body.text("event", kMaxTypeNameBytes);
    if (name && !name->empty()) type = *name;
    if (const auto good = check_type_name(type); !good) body.refuse("/event", good.error().message);
  }
  if (!body.ok()) return call.answer(body.reply());

  const auto data = body.member("data");
  const auto event = make_event(call.context, std::move(type), data ? body.raw(*data) : kTestData);
  std::vector<SendJob> jobs;
  jobs.push_back(
      {.target = engine::make_target(*endpoint, call.context.options.attempt_timeout), .event = event});
  const bool sent = call.context.test_deliveries.send(
      TestKind::test, std::move(jobs),
      [&context = call.context, answer = call.answer, event,
       tested = Tested{endpoint->id.text(), endpoint->url}](std::vector<Response>&& responses,
                                                            TestDeliveries::Permit permit) {
        go_on_later(context, answer, Weight::light,
                    [answer, event, tested, got = std::move(responses.front()), permit = std::move(permit)] {
                      answer(report(got, *event, tested));
                    });
      });
  if (!sent) call.answer(to_reply({&problems.overloaded, "Too many test deliveries are under way"}));
}

constexpr NamedSchema kSchemas[] = {
    {"EndpointTest", R"({
      "type": "object", "additionalProperties": false,
      "properties": {"event": {"type": "string", "maxLength": 128, "pattern": "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$",
                               "description": "Left out: the first event type that the endpoint names."},
                     "data": {"description": "Any JSON value. Left out: a short message."}},
      "examples": [{"event": "order.paid", "data": {"order": 7}}]})"},
    {"EndpointTestReport", R"({
      "type": "object",
      "required": ["succeeded", "status_code", "cause", "error", "hint", "duration_ms", "response_content_type",
                   "response_body", "request"],
      "properties": {
        "succeeded": {"type": "boolean"}, "status_code": {"type": ["integer", "null"]},
        "cause": {"type": ["string", "null"]}, "error": {"type": ["string", "null"]},
        "hint": {"type": ["string", "null"]}, "duration_ms": {"type": "number"},
        "response_content_type": {"type": ["string", "null"]}, "response_body": {"type": ["string", "null"]},
        "request": {"type": "object", "required": ["url", "message_id", "event", "body"], "properties": {
          "url": {"type": "string"}, "message_id": {"type": "string"}, "event": {"type": "string"},
          "body": {"type": "string"}}}}})"},
};

}  // namespace

Resource endpoint_test_delivery() {
  return {
      .routes = {
         {.method = http::Method::post,
          .path = "/v1/endpoints/{id}/test",
          .scope = Scope::integrator,
          .handler = test_endpoint,
          .id = "testEndpoint",
          .tag = "endpoints",
          .summary = "Send a test delivery",
          .description = "Sends one signed POST now. It belongs to no event and is not retried. The "
                         "response shows what the receiver answered.",
          .request_schema = "EndpointTest",
          .request_required = false,
          .responses = {{200, "The receiver's response", "EndpointTestReport"},
                        not_found_doc("Endpoint not found"), invalid_doc()}},
      },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api
