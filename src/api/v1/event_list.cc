// GET /v1/events: what was published, newest first, and to how many endpoints it went: also events that no
// endpoint was subscribed to, which no list of deliveries shows.
#include "api/handlers.h"
#include "api/v1/answer.h"
#include "api/wire/list_filter.h"
#include "api/wire/page.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

EventFilter read_filter(std::string_view query, const engine::RegistrySnapshot& registry,
                        std::vector<FieldError>& errors) {
  EventFilter filter;
  if (const auto name = given_value(query, "event")) {
    if (const auto* type = registry.type_named(*name))
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

void write_row(const EventView& event, const engine::RegistrySnapshot& registry, JsonWriter& json) {
  const auto* type = registry.type_numbered(event.type);
  json.begin_object().member("id", event.id.text()).member("event", type ? type->name : "");
  json.member("timestamp", event.accepted_at).member("message_id", message_id_text(event.id));
  json.key("deliveries").value(std::uint64_t{event.deliveries});
  json.end_object();
}

}  // namespace

void list_events(Call& call) {
  const std::string query(call.request.query());
  std::vector<FieldError> errors;
  const auto filter = read_filter(query, *call.context.registry.registry(), errors);
  if (!errors.empty()) return call.answer(to_reply(query_problem(std::move(errors))));
  read_later(call, [&context = call.context, filter, query](
                       Reader& reader, const Answerer& answer) {
    const auto page = reader.events(filter);
    if (!page) return answer(store_trouble(Family::v1, page.error()));
    const auto registry = context.registry.registry();
    JsonWriter rows;
    rows.begin_array();
    for (const auto& event : page->events) write_row(event, *registry, rows);
    const auto next = page->next ? std::optional(std::to_string(page->next->value)) : std::nullopt;
    answer(page_response(rows.end_array().take(), next, query));
  });
}

}  // namespace exposee::api
