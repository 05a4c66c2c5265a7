// The variables a process was started with, as a value, so that everything that depends on them can be
// tested. Values only; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace exposee {

using Environment = std::vector<std::pair<std::string, std::string>>;

// The first of that name; nothing when there is none.
inline std::optional<std::string_view> find_variable(const Environment& environment, std::string_view name) {
  for (const auto& [key, value] : environment) {
    if (key == name) return value;
  }
  return std::nullopt;
}

}  // namespace exposee
