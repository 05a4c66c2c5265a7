// GET /v1/events: what was published, newest first, and to how many endpoints it went: also events that no
// endpoint was subscribed to, which no list of deliveries shows.
#include "api/resources.h"
#include "api/v1/reply.h"
#include "api/wire/list_filter.h"
#include "api/wire/page.h"
#include "api/wire/page_read.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

EventFilter read_filter(std::string_view query, const RegistryView& registry,
                        std::vector<FieldError>& errors) {
  EventFilter filter;
  if (const auto name = given_value(query, "event")) {
    if (const auto* type = registry.any_type_named(*name))
      filter.type = type->number;
    else
      errors.push_back(parameter_error("event", "must be the name of a declared type"));
  }
  filter.since = given_time(query, "since", errors);
  filter.until = given_time(query, "until", errors);
  const auto page = page_request(query, errors);
  filter.limit = page.limit;
  const auto before = number_cursor(page.cursor, errors);
  if (!page.cursor.empty()) filter.before = EventSeq{before};
  return filter;
}

void write_row(const EventView& event, const RegistryView& registry, JsonWriter& json) {
  const auto* type = registry.type_numbered(event.type);
  json.begin_object().member("id", event.id.text()).member("event", type ? type->name : "");
  json.member("timestamp", event.accepted_at).member("message_id", message_id_text(event.id));
  json.key("deliveries").value(std::uint64_t{event.deliveries});
  json.end_object();
}

http::Response list_response(const EventPage& page, const RegistryView& registry, const std::string& query) {
  JsonWriter rows;
  rows.begin_array();
  for (const auto& event : page.events) write_row(event, registry, rows);
  const auto next = page.next ? std::optional(std::to_string(page.next->value)) : std::nullopt;
  return page_response(rows.end_array().take(), next, query);
}

void list_events(Call& call) {
  const std::string query(call.request.query());
  std::vector<FieldError> errors;
  const auto filter = read_filter(query, call.registry.now(), errors);
  if (!errors.empty()) return call.answer(to_reply(query_problem(std::move(errors))));
  read_later(call, [&context = call.context, door = call.registry, filter, query](Reader& reader,
                                                                                  const Replier& answer) {
    read_page<EventPage>(context, reader, answer, filter, [=](Reader&, const Result<EventPage>& page) {
      if (!page) return answer(store_trouble(Family::v1, page.error()));
      answer(list_response(*page, door.now(), query));
    });
  });
}

constexpr NamedSchema kSchemas[] = {
    {"EventSummary", R"({
      "type": "object", "required": ["id", "event", "timestamp", "message_id", "deliveries"],
      "properties": {"id": {"type": "string"}, "event": {"type": "string"},
                     "timestamp": {"type": "string", "format": "date-time"}, "message_id": {"type": "string"},
                     "deliveries": {"type": "integer", "minimum": 0}}})"},
    {"EventPage", R"({
      "type": "object", "required": ["data", "next_cursor", "has_more"],
      "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/EventSummary"}},
                     "next_cursor": {"type": ["string", "null"]}, "has_more": {"type": "boolean"}},
      "examples": [{"data": [{"id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "event": "order.paid",
                              "timestamp": "2025-05-07T04:03:10.779082+00:00",
                              "message_id": "msg_01jtfnvy1ket6rbm2x4n8c0q5w", "deliveries": 1}],
                    "next_cursor": null, "has_more": false}]})"},
};

}  // namespace

Resource event_lists() {
  return {
      .routes = {
         {.method = http::Method::get,
          .path = "/v1/events",
          .scope = Scope::integrator,
          .handler = list_events,
          .id = "listEvents",
          .tag = "events",
          .summary = "List events",
          .description = "Newest first, without their data. `deliveries` is the number of endpoints that "
                         "the event went to: 0 when none was subscribed. A page can be shorter than "
                         "`limit` even when `has_more` is true.",
          .parameters = {filter_doc("event", "The name of an event type."),
                         filter_doc("since", "Events accepted at or after this time (RFC 3339)."),
                         filter_doc("until", "Events accepted before this time (RFC 3339)."), limit_doc(), cursor_doc()},
          .responses = {{200, "A page of events", "EventPage"}, invalid_doc()}},
      },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api
