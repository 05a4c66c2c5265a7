// What replies of the calls under /v1 have in common. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/wire/call.h"
#include "api/wire/problem.h"

namespace exposee::api {

// "The endpoint 'ep_…' does not exist": the kind's problem, naming what was asked for.
Problem not_found_problem(const ProblemKind& kind, std::string_view what, std::string_view id);
engine::Reply not_found(const ProblemKind& kind, std::string_view what, std::string_view id);

// The reply to a removal: 204, or why not.
engine::Reply render_removed(const engine::Outcome<std::monostate>& outcome);

// A reply with the entity tag of what it shows; one that was stored earlier, or a refusal, has none (`tag` is
// empty).
http::Response tagged(engine::Reply&& reply, const std::string& tag, std::string_view location_prefix = {});

}  // namespace exposee::api
