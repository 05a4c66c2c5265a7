#include "api/contract/types.h"

#include <fmt/format.h>

#include "api/contract/refusal.h"
#include "core/text/text.h"

namespace exposee::api {

namespace {

// The sentence says less than could be said of a name that exists, but not for these calls.
engine::Reply not_found(const RegistryView& registry, const std::string& name) {
  const std::string_view hint =
      registry.type_named(name)
          ? "The unprefixed calls know only names that are identifiers; use GET /v1/endpoints for this one."
          : "GET /webhooks lists the events.";
  return contract_error(404, fmt::format("Event '{}' not found.", name), hint);
}

}  // namespace

std::expected<std::vector<ChosenType>, engine::Reply> choose_types(const Subscriptions& subscriptions,
                                                                   const std::optional<std::string>& filter) {
  const auto& registry = subscriptions.registry();
  std::vector<ChosenType> chosen;
  if (!filter || filter->empty()) {
    for (const auto& type : registry.types()) {
      if (is_identifier(type.name)) chosen.push_back({type.name, subscriptions.to(type.name)});
    }
    return chosen;
  }
  const auto* type = is_identifier(*filter) ? registry.type_named(*filter) : nullptr;
  if (!type) return std::unexpected(not_found(registry, *filter));
  chosen.push_back({type->name, subscriptions.to(type->name)});
  if (chosen.front().endpoints.empty()) {
    return std::unexpected(contract_error(404, fmt::format("Event '{}' has no registered URLs.", *filter)));
  }
  return chosen;
}

}  // namespace exposee::api
