#include "api/known_parameters.h"

#include <algorithm>

#include "api/page.h"
#include "api/query.h"
#include "core/suggest.h"

namespace exposee::api {
namespace {

constexpr std::size_t kMostNamed = 10;  // a query of nothing but mistakes gets no answer many times its size

std::vector<std::string> names_known_to(const Route& route) {
  std::vector<std::string> names;
  for (const auto& parameter : route.parameters) {
    if (parameter.in == "query") names.emplace_back(parameter.name);
  }
  return names;
}

}  // namespace

std::optional<Problem> unknown_parameters(const Route& route, std::string_view query) {
  if (query.empty()) return std::nullopt;
  const auto known = names_known_to(route);
  if (known.empty()) return std::nullopt;
  std::vector<FieldError> errors;
  for (const auto& name : query_names(query)) {
    if (std::ranges::find(known, name) != known.end()) continue;
    if (errors.size() == kMostNamed) break;
    errors.push_back(parameter_error(name, "is no parameter of this call." + did_you_mean(name, known)));
  }
  if (errors.empty()) return std::nullopt;
  return query_problem(std::move(errors));
}

}  // namespace exposee::api
