// /v1/events: publishing an event of any declared type, and looking at one. Publishing is the call that
// carries the load, so it copies `data` once.
#include <memory>

#include "api/resources.h"
#include "api/v1/body.h"
#include "api/v1/publishing.h"
#include "api/v1/reply.h"
#include "api/wire/etag.h"
#include "api/wire/idempotency.h"
#include "core/event_type.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

using engine::Published;
using engine::Reply;

bool is_array(std::string_view body) {
  return trimmed_json(without_bom(body)).starts_with('[');
}

std::optional<EventId> parse_event_id(std::string_view text) {
  const auto id = EventId::parse(text);
  return id ? id : parse_message_id(text);
}

// The stored body is the resource, {"event","data","id","timestamp"}, data byte for byte, and the message's
// id.
std::string event_json(const Event& event) {
  JsonWriter json;
  json.begin_object().members_of(event.body).member("message_id", message_id_text(event.id));
  return json.end_object().take();
}

// An event never changes, and neither does its tag.
http::Response event_response(const http::Request& request, Reader& reader, const EventId& id) {
  const auto event = reader.event(id);
  if (event) return with_etag(request, to_response(json_reply(200, event_json(**event))));
  if (event.error().code != ErrorCode::not_found) {
    return to_response(store_trouble(Family::v1, event.error()));
  }
  return to_response(not_found(problems.event_not_found, "event", id.text()));
}

void publish_event(Call& call) {
  if (is_array(call.request.body)) return publish_events(call);
  V1Body body(call.request, {"event", "data"});
  std::optional<std::string_view> name;
  if (const auto event = body.required("event")) name = body.text(*event, kMaxTypeNameBytes);
  const auto data = body.required("data");
  if (!body.ok()) return call.answer(body.reply());
  const auto key = sent_key(call.request);
  if (!key.empty() && !is_usable_key(key)) {
    return call.answer(to_reply({&problems.invalid_idempotency_key, key_rule()}));
  }

  engine::Command command{std::in_place_type<engine::PublishEvent>};
  auto& publish = std::get<engine::PublishEvent>(command);
  publish.type_name = *name;
  publish.data = std::string(body.raw(*data));
  if (!key.empty()) publish.claim = event_claim(key, publish.type_name, publish.data);
  publish.reply = reply_to<Published>(call.answer, render_published, "events/");  // relative to the call's path
  call.context.commands.submit(std::move(command));
}

void show_event(Call& call) {
  const auto id = parse_event_id(call.parameter);
  if (!id) return call.answer(not_found(problems.event_not_found, "event", call.parameter));
  auto request = std::make_shared<http::Request>(std::move(call.request));
  read_later(call, [id = *id, request](Reader& reader, const Replier& answer) {
    answer(event_response(*request, reader, id));
  });
}

constexpr NamedSchema kSchemas[] = {
    {"EventRequest", R"({
      "type": "object", "required": ["event", "data"], "additionalProperties": false,
      "properties": {"event": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$",
                               "description": "Name of a declared event type.", "examples": ["user_registered"]},
                     "data": {"description": "Any JSON value; sent byte for byte as received."}},
      "examples": [{"event": "user_registered", "data": {"username": "alice"}}]})"},
    {"EventAccepted", R"({
      "type": "object", "required": ["id", "event", "timestamp", "deliveries"],
      "properties": {"id": {"type": "string"}, "event": {"type": "string"},
                     "timestamp": {"type": "string", "format": "date-time"},
                     "deliveries": {"type": "integer", "description": "Number of endpoints that the event is delivered to."}},
      "examples": [{"id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "event": "order.paid",
                    "timestamp": "2025-05-07T04:03:10.779082+00:00", "deliveries": 1}]})"},
    {"Event", R"({
      "type": "object", "required": ["event", "data", "id", "timestamp", "message_id"],
      "properties": {"event": {"type": "string"}, "data": {}, "id": {"type": "string"},
                     "timestamp": {"type": "string", "format": "date-time"},
                     "message_id": {"type": "string", "description": "The header `webhook-id` of every attempt."}},
      "examples": [{"event": "order.paid", "data": {"order": 7}, "id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w",
                    "timestamp": "2025-05-07T04:03:10.779082+00:00",
                    "message_id": "msg_01jtfnvy1ket6rbm2x4n8c0q5w"}]})"},
};

}  // namespace

Resource events() {
  return {
      .routes = {
         {.method = http::Method::post,
          .path = "/v1/events",
          .scope = Scope::publish,
          .handler = publish_event,
          .id = "publishEvent",
          .tag = "events",
          .summary = "Publish one event, or several",
          .description = "Returns once the event and its deliveries are stored on disk. `data` is sent "
                         "byte for byte as received. An array of up to 1,000 events is stored in one "
                         "transaction; each event is accepted or refused on its own and takes its own "
                         "`idempotency_key`. The response has one result per event, in the same order.",
          .request_schema = "EventsRequest",
          .responses = {{202, "Accepted. For an array: one result per event", "EventsAccepted"},
                        not_found_doc("Event type not found"), invalid_doc()},
          .idempotent = true},
         {.method = http::Method::get,
          .path = "/v1/events/{id}",
          .scope = Scope::integrator,
          .handler = show_event,
          .id = "getEvent",
          .tag = "events",
          .summary = "Show an event",
          .description = "Takes the event's id (`evt_…`) or the id that receivers got (`msg_…`). Events "
                         "never change, so the ETag is permanent.",
          .responses = {{200, "The event", "Event"}, not_found_doc("Event not found")}},
      },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api
