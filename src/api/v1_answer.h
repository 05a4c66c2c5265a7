// What the calls under /v1 have in common when they answer. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "api/problem.h"
#include "core/circuit_breaker.h"
#include "core/registry.h"

namespace exposee::api {

// "There is no endpoint 'ep_…'": the kind's problem, naming what was asked for.
engine::Reply not_found(const ProblemKind& kind, std::string_view what, std::string_view id);

// The endpoint as resources and lists show it. `with_secret`: in the answer that created it. Its breaker,
// which only the engine's thread knows, is added by with_breaker().
std::string endpoint_json(const Endpoint& endpoint, bool with_secret = false);
std::string with_breaker(std::string endpoint_json, BreakerState state);
// What answers to changes say besides: the names among `events` that are not declared, typing mistakes
// perhaps.
std::vector<std::string> undeclared_of(const engine::RegistrySnapshot& registry,
                                       const std::vector<std::string>& events);
std::string with_undeclared(std::string endpoint_json, const std::vector<std::string>& undeclared);

std::string event_type_json(const EventType& type);

}  // namespace exposee::api
