// A call under /v1 whose query has a parameter that it does not know, or one of them twice, would do
// something else than was asked: "?statsu=exhausted" lists everything, "POST /v1/events?dry_run=1" publishes.
// So it is refused, by name. The contract's calls ignore such parameters, as the original does. Pure; any
// thread.
#pragma once

#include <optional>

#include "api/wire/route.h"
#include "api/wire/problem.h"

namespace exposee::api {

// The problem of a query with parameters that the route does not document or that it has twice; nothing when
// there are none.
std::optional<Problem> refused_parameters(const Route& route, std::string_view query);

}  // namespace exposee::api
