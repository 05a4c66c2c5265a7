// A list under /v1 whose query has a parameter that the call does not know would answer something else than
// was asked: "?statsu=exhausted" everything. So it is refused, by name. The contract's calls ignore such
// parameters, as the original does. Pure; any thread.
#pragma once

#include <optional>

#include "api/problem.h"
#include "api/routes.h"

namespace exposee::api {

// The problem of a query with parameters that the route does not document; nothing when there are none, or
// when the route takes no query at all.
std::optional<Problem> unknown_parameters(const Route& route, std::string_view query);

}  // namespace exposee::api
