// What the filters of the lists under /v1 have in common. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/wire/problem.h"
#include "api/wire/route.h"
#include "core/time.h"

namespace exposee::api {

// The value of a parameter that is there and not empty: an empty one filters nothing.
std::optional<std::string> given_value(std::string_view query, std::string_view name);

// RFC 3339; notes a text that is not a time.
std::optional<Instant> given_time(std::string_view query, std::string_view name,
                                  std::vector<FieldError>& errors);

// A parameter that narrows a list, documented. An empty value does not.
inline ParameterDoc filter_doc(std::string_view name, std::string_view description) {
  return {name, "query", description, R"({"type":"string","default":""})"};
}

}  // namespace exposee::api
