#include "api/contract_types.h"

#include <fmt/format.h>

#include "api/contract_answer.h"
#include "core/text.h"

namespace exposee::api {

std::expected<std::vector<ChosenType>, engine::Reply> choose_types(const engine::RegistrySnapshot& registry,
                                                                   const std::optional<std::string>& filter) {
  std::vector<ChosenType> chosen;
  if (!filter || filter->empty()) {
    for (const auto& type : registry.types) {
      if (is_identifier(type.name)) chosen.push_back({type.name, registry.subscribed_to(type.name)});
    }
    return chosen;
  }
  const auto* type = is_identifier(*filter) ? registry.type_named(*filter) : nullptr;
  if (!type) return std::unexpected(contract_error(404, fmt::format("Event '{}' not found.", *filter)));
  chosen.push_back({type->name, registry.subscribed_to(type->name)});
  if (chosen.front().endpoints.empty()) {
    return std::unexpected(contract_error(404, fmt::format("Event '{}' has no registered URLs.", *filter)));
  }
  return chosen;
}

}  // namespace exposee::api
