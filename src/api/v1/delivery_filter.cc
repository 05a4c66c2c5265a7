#include "api/v1/delivery_filter.h"

#include "api/wire/list_filter.h"
#include "api/wire/page.h"
#include "core/causes.h"
#include "core/text/one_of.h"

namespace exposee::api {
namespace {

using Errors = std::vector<FieldError>;

void read_status(std::string_view query, DeliveryQuery& parsed, Errors& errors) {
  const auto text = given_value(query, "status");
  if (!text) return;
  const auto status = parse_delivery_status(*text);
  if (!status) {
    errors.push_back(parameter_error("status", "must be " + one_of(delivery_status_texts())));
    return;
  }
  parsed.in_flight_only = *status == DeliveryStatus::in_flight;
  parsed.filter.status = parsed.in_flight_only ? DeliveryStatus::pending : *status;
}

void read_event(std::string_view query, const RegistryView& registry, DeliveryQuery& parsed,
                Errors& errors) {
  const auto text = given_value(query, "event");
  if (!text) return;
  parsed.event = EventId::parse(*text);
  if (!parsed.event) parsed.event = parse_message_id(*text);
  if (parsed.event) return;
  if (const auto* type = registry.any_type_named(*text))
    parsed.filter.type = type->number;
  else
    errors.push_back(parameter_error("event", "must be an event's id or the name of a declared type"));
}

void read_endpoint(std::string_view query, const RegistryView& registry, DeliveryQuery& parsed,
                   Errors& errors) {
  const auto text = given_value(query, "endpoint");
  if (!text) return;
  const auto id = EndpointId::parse(*text);
  const auto* endpoint = id ? registry.any_endpoint_with(*id) : nullptr;
  if (endpoint)
    parsed.filter.endpoint = endpoint->number;
  else
    errors.push_back(parameter_error("endpoint", "must be the id of an endpoint"));
}

void read_cause(std::string_view query, DeliveryQuery& parsed, Errors& errors) {
  const auto text = given_value(query, "cause");
  if (!text) return;
  parsed.filter.cause = parse_cause(*text);
  if (parsed.filter.cause && *parsed.filter.cause != Cause::none) return;
  errors.push_back(parameter_error("cause", "must be " + one_of(cause_texts())));
}

void read_page(std::string_view query, DeliveryQuery& parsed, Errors& errors) {
  const auto page = page_request(query, errors);
  parsed.filter.limit = page.limit;
  if (page.cursor.empty()) return;
  parsed.filter.before = parse_delivery_id(page.cursor);
  if (!parsed.filter.before)
    errors.push_back(parameter_error("cursor", "must be a next_cursor of this list"));
}

}  // namespace

std::expected<DeliveryQuery, Errors> parse_delivery_query(std::string_view query,
                                                          const RegistryView& registry) {
  DeliveryQuery parsed;
  Errors errors;
  read_status(query, parsed, errors);
  read_event(query, registry, parsed, errors);
  read_endpoint(query, registry, parsed, errors);
  read_cause(query, parsed, errors);
  parsed.filter.since = given_time(query, "since", errors);
  parsed.filter.until = given_time(query, "until", errors);
  read_page(query, parsed, errors);
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return parsed;
}

Result<std::optional<DeliveryFilter>> resolve_event(Reader& reader, const DeliveryQuery& query) {
  std::optional<DeliveryFilter> filter = query.filter;
  if (!query.event) return filter;
  const auto event = reader.event(*query.event);
  if (event)
    filter->event = (*event)->seq;
  else if (event.error().code == ErrorCode::not_found)
    filter.reset();
  else
    return event.error();
  return filter;
}

}  // namespace exposee::api
