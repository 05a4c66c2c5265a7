// The query of a request (application/x-www-form-urlencoded). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace exposee::api {

// The value of the last parameter of that name, as the original service took it; the empty text for "name="
// and for "name" alone. Always valid UTF-8. Nothing when there is no such parameter. `raw`: what stands after
// '?'.
std::optional<std::string> query_value(std::string_view raw, std::string_view name);

struct QueryName {
  std::string name;
  std::size_t count = 0;  // how often it is given
};
// The names of all parameters, each once, in the order of the query. Always valid UTF-8.
std::vector<QueryName> query_names(std::string_view raw);

}  // namespace exposee::api
