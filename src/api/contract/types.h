// Which event types the contract's calls show: those whose name is an identifier, the two built-in ones
// first; and what `event_filter` picks of them. Pure; any thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/subscriptions.h"
#include "api/wire/route.h"
#include "engine/commands.h"

namespace exposee::api {

struct ChosenType {
  std::string_view name;                   // points into the snapshot
  std::vector<const Endpoint*> endpoints;  // in the order of registration
};

// `filter`: nothing or empty for all types. Refused: 404 when there is no such type, or it has no URLs.
std::expected<std::vector<ChosenType>, engine::Reply> choose_types(const Subscriptions& subscriptions,
                                                                   const std::optional<std::string>& filter);

// The parameter that chooses one event, documented.
inline ParameterDoc event_filter_doc() {
  return {"event_filter", "query", "Only this event; the name must match exactly. When it is empty, all events are meant.",
          R"({"type":"string","pattern":"^([a-z_][a-z0-9_]*)?$","default":""})"};
}

}  // namespace exposee::api
