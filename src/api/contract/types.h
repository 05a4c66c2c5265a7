// Which event types the contract's calls show: those whose name is an identifier, the two built-in ones
// first; and what `event_filter` picks of them. Pure; any thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/subscriptions.h"
#include "engine/commands.h"

namespace exposee::api {

struct ChosenType {
  std::string_view name;                   // points into the snapshot
  std::vector<const Endpoint*> endpoints;  // in the order of registration
};

// `filter`: nothing or empty for all types. Refused: 404 when there is no such type, or it has no URLs.
std::expected<std::vector<ChosenType>, engine::Reply> choose_types(const Subscriptions& subscriptions,
                                                                   const std::optional<std::string>& filter);

}  // namespace exposee::api
