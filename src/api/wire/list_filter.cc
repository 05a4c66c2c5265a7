#include "api/wire/list_filter.h"

#include <algorithm>

#include "api/wire/page.h"
#include "api/wire/query.h"

namespace exposee::api {

std::optional<std::string> given_value(std::string_view query, std::string_view name) {
  auto value = query_value(query, name);
  return value && !value->empty() ? value : std::nullopt;
}

std::optional<Instant> given_time(std::string_view query, std::string_view name,
                                  std::vector<FieldError>& errors) {
  auto text = given_value(query, name);
  if (!text) return std::nullopt;
  std::ranges::replace(*text, ' ', '+');  // a plus sign that was not encoded arrives as a blank
  auto time = parse_rfc3339(*text);
  if (!time) errors.push_back(parameter_error(name, "must be an RFC 3339 time such as 2025-05-07T04:03:10Z"));
  return time;
}

}  // namespace exposee::api
