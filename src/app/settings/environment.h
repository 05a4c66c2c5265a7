// The variables a process was started with, as a value, so that everything that depends on them can be
// tested.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace exposee::app {

using Environment = std::vector<std::pair<std::string, std::string>>;

// Of this process. Read once at the start, before there are threads.
Environment process_environment();

std::optional<std::string_view> find_variable(const Environment& environment, std::string_view name);

}  // namespace exposee::app
