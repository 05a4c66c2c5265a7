// /v1/event-types: declaring, listing, showing and removing the kinds of events that can be published.
#include <fmt/format.h>

#include <memory>

#include "api/resources.h"
#include "api/v1/body.h"
#include "api/v1/reply.h"
#include "api/wire/etag.h"
#include "api/wire/idempotency.h"
#include "api/wire/page.h"
#include "core/event_type.h"
#include "json/text.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

constexpr std::size_t kMaxTypeDescriptionBytes = 500;
constexpr std::string_view kLocation = "event-types/";  // relative to the call's own path

std::string event_type_json(const EventType& type) {
  JsonWriter json;
  json.begin_object().member("name", type.name).member("description", type.description);
  return json.member("created_at", type.created_at).end_object().take();
}

engine::Reply render_declared(const engine::Outcome<EventType>& outcome, std::string_view name) {
  if (outcome) return json_reply(201, event_type_json(*outcome));
  auto problem = problem_of(outcome.error());
  if (outcome.error().why == engine::Refusal::type_exists)
    problem.detail = "Event type '" + std::string(name) + "' exists already";
  return to_reply(problem);
}

engine::Reply no_type(std::string_view name) {
  auto problem = not_found_problem(problems.event_type_not_found, "event type", name);
  problem.hint = undeclared_hint(printable_utf8(name));
  return to_reply(problem);
}

std::string tag_of(const EventType& type) {
  return etag_of(event_type_json(type));
}

http::Response declared_response(engine::Reply&& reply, const std::optional<EventType>& declared,
                                 std::string_view name) {
  const bool created = reply.status == 201;
  auto response = tagged(std::move(reply), declared ? tag_of(*declared) : std::string());
  if (created) response.headers.add("location: ", kLocation, name);
  return response;
}

engine::TypeCondition condition_of(const http::Request& request) {
  auto tags = if_match_of(request);
  if (tags.empty()) return {};
  return [tags = std::move(tags)](const EventType& type) { return is_named(tags, tag_of(type)); };
}

std::string read_name(V1Body& body) {
  if (!body.required("name")) return {};
  const auto name = body.text("name", kMaxTypeNameBytes);
  if (!name) return {};
  if (const auto good = check_type_name(*name); !good) body.refuse("/name", good.error().message);
  return std::string(*name);
}

void declare_event_type(Call& call) {
  V1Body body(call.request, {"name", "description"});
  engine::DeclareType command{.name = read_name(body)};
  if (body.has("description")) {
    command.description = body.text("description", kMaxTypeDescriptionBytes).value_or(std::string_view{});
  }
  if (!body.ok()) return call.answer(body.reply());
  std::optional<Problem> problem;
  auto claim = v1_claim(call.request, "POST /v1/event-types", problem);
  if (problem) return call.answer(to_reply(*problem));

  command.claim = *std::move(claim);
  command.by = requester_of(call.request);
  auto declared = std::make_shared<std::optional<EventType>>();  // none: it is a stored reply, or a refusal
  command.reply = {[declared, name = command.name](const auto& outcome) {
                     *declared = outcome ? std::optional(*outcome) : std::nullopt;
                     return render_declared(outcome, name);
                   },
                   [declared, name = command.name, answer = call.answer](engine::Reply&& reply) {
                     answer.with([declared, name, reply = std::move(reply)]() mutable {
                       return declared_response(std::move(reply), *declared, name);
                     });
                   }};
  call.context.commands.submit(std::move(command));
}

void list_event_types(Call& call) {
  const auto registry = call.registry.now();
  const auto place = [](const EventType& type) { return type.number.value; };
  const auto first_after = [&](std::uint64_t number) {
    return std::ranges::upper_bound(registry.types(), number, {}, place);
  };
  const auto page = number_page(call.request.query(), first_after, registry.types().end(), place);
  if (!page) return call.answer(to_reply(page.error()));
  JsonWriter rows;
  rows.begin_array();
  for (const auto* type : page->rows) rows.raw(event_type_json(*type));
  call.answer(page_response(rows.end_array().take(), page->next_cursor, call.request.query()));
}

void show_event_type(Call& call) {
  const auto registry = call.registry.now();
  const auto* type = registry.type_named(call.parameter);
  if (!type) return call.answer(no_type(call.parameter));
  call.answer(with_etag(call.request, to_response(json_reply(200, event_type_json(*type)))));
}

void remove_event_type(Call& call) {
  engine::RemoveType command{.name = call.parameter, .only_if = condition_of(call.request)};
  command.by = requester_of(call.request);
  command.reply = reply_to<std::monostate>(call.answer, [name = call.parameter](const auto& outcome) {
    const bool unknown = !outcome && outcome.error().why == engine::Refusal::unknown_type;
    return unknown ? no_type(name) : render_removed(outcome);
  });
  call.context.commands.submit(std::move(command));
}

constexpr NamedSchema kSchemas[] = {
    {"EventTypeRequest", R"({
      "type": "object", "required": ["name"], "additionalProperties": false,
      "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$",
                              "description": "Segments of lower-case letters, digits, '_' and '-', separated by dots.",
                              "examples": ["order.paid"]},
                     "description": {"type": "string", "maxLength": 500, "examples": ["An order was paid"]}},
      "examples": [{"name": "order.paid", "description": "An order was paid"}]})"},
    {"EventType", R"({
      "type": "object", "required": ["name", "description", "created_at"],
      "properties": {"name": {"type": "string"}, "description": {"type": "string"},
                     "created_at": {"type": "string", "format": "date-time"}},
      "examples": [{"name": "order.paid", "description": "An order was paid",
                    "created_at": "2025-05-07T04:03:10.779082+00:00"}]})"},
    {"EventTypePage", R"({
      "type": "object", "required": ["data", "next_cursor", "has_more"],
      "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/EventType"}},
                     "next_cursor": {"type": ["string", "null"]}, "has_more": {"type": "boolean"}}})"},
};

}  // namespace

Resource event_types() {
  return {
      .routes = {
         {.method = http::Method::post,
          .path = "/v1/event-types",
          .scope = Scope::admin,
          .handler = declare_event_type,
          .id = "declareEventType",
          .tag = "event types",
          .summary = "Declare an event type",
          .description = "A name consists of lower-case segments separated by dots. A name without dots "
                         "and hyphens also works with the unprefixed calls. At most 1,000 names can ever be "
                         "declared. A removed type can be declared again: endpoints subscribed to it get its "
                         "events again.",
          .request_schema = "EventTypeRequest",
          .responses = {{201, "The event type", "EventType"}, {409, "The event type exists", "Problem"},
                        invalid_doc()},
          .idempotent = true},
         {.method = http::Method::get,
          .path = "/v1/event-types",
          .scope = Scope::integrator,
          .handler = list_event_types,
          .id = "listEventTypes",
          .tag = "event types",
          .summary = "List event types",
          .description = "In the order in which they were first declared, without the removed ones.",
          .parameters = {limit_doc(), cursor_doc()},
          .responses = {{200, "A page of event types", "EventTypePage"}, invalid_doc()}},
         {.method = http::Method::get,
          .path = "/v1/event-types/{name}",
          .scope = Scope::integrator,
          .handler = show_event_type,
          .id = "getEventType",
          .tag = "event types",
          .summary = "Show an event type",
          .description = "`If-None-Match` returns 304.",
          .responses = {{200, "The event type", "EventType"}, not_found_doc("Event type not found")}},
         {.method = http::Method::del,
          .path = "/v1/event-types/{name}",
          .scope = Scope::admin,
          .handler = remove_event_type,
          .id = "removeEventType",
          .tag = "event types",
          .summary = "Remove an event type",
          .description = "After this call returns, events of the type are refused. Those accepted before are "
                         "still delivered, listed and retried. Endpoints keep their `events`. The two "
                         "built-in types cannot be removed.",
          .parameters = {if_match_doc()},
          .responses = {{204, "Removed", ""}, not_found_doc("Event type not found"),
                        {409, "The event type is built in", "Problem"}, changed_doc()}},
      },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api
