// What the calls under /v1 have in common when they answer. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"
#include "api/problem.h"
#include "core/circuit_breaker.h"
#include "core/registry.h"

namespace exposee::api {

// "No endpoint 'ep_…'": the kind's problem, naming what was asked for.
engine::Reply not_found(const ProblemKind& kind, std::string_view what, std::string_view id);

// The endpoint as resources and lists show it. `with_secret`: shown once, when it was created. Its breaker,
// which only the engine's thread knows, is added by with_breaker().
std::string endpoint_json(const Endpoint& endpoint, bool with_secret = false);
std::string with_breaker(std::string endpoint_json, BreakerState state);

std::string event_type_json(const EventType& type);

}  // namespace exposee::api
