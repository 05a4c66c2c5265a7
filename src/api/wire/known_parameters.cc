#include "api/wire/known_parameters.h"

#include <algorithm>

#include "api/wire/page.h"
#include "api/wire/query.h"
#include "core/text/suggest.h"

namespace exposee::api {
namespace {

constexpr std::size_t kMostNamed = 10;  // a query of nothing but mistakes gets no reply many times its size

std::vector<std::string> names_known_to(const Route& route) {
  std::vector<std::string> names;
  for (const auto& parameter : route.parameters) {
    if (parameter.in == "query") names.emplace_back(parameter.name);
  }
  return names;
}

}  // namespace

std::optional<Problem> refused_parameters(const Route& route, std::string_view query) {
  if (query.empty()) return std::nullopt;
  const auto known = names_known_to(route);
  std::vector<FieldError> errors;
  for (const auto& [name, count] : query_names(query)) {
    if (errors.size() == kMostNamed) break;
    if (std::ranges::find(known, name) == known.end()) {
      errors.push_back(parameter_error(name, "unknown query parameter." + did_you_mean(name, known)));
    } else if (count > 1) {
      errors.push_back(parameter_error(name, "is given more than once"));
    }
  }
  if (errors.empty()) return std::nullopt;
  return query_problem(std::move(errors));
}

}  // namespace exposee::api
