// The query of GET /v1/deliveries. Pure but for resolve_event(), which reads; the threads of their callers.
#pragma once

#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "api/access/registry_view.h"
#include "api/wire/problem.h"
#include "engine/commands.h"
#include "ports/store.h"

namespace exposee::api {

struct DeliveryQuery {
  DeliveryFilter filter;         // without the event, whose number only the store has
  std::optional<EventId> event;  // event=evt_… or msg_…
  bool in_flight_only = false;   // of the pending ones, which the engine has to mark
};

// ?status=&event=&endpoint=&cause=&since=&until=&limit=&cursor=; an empty value filters nothing. `event` is the
// id of an event or the name of a type. `pending` is all that is still owed, those in flight included.
// Refused with all faults: unknown words, ids, times.
std::expected<DeliveryQuery, std::vector<FieldError>> parse_delivery_query(
    std::string_view query, const RegistryView& registry);

// The whole filter; an empty optional when no such event exists, so that no delivery can match.
Result<std::optional<DeliveryFilter>> resolve_event(Reader& reader, const DeliveryQuery& query);

}  // namespace exposee::api
