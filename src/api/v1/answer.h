// What the calls under /v1 have in common when they answer. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access/registry_view.h"
#include "api/wire/call.h"
#include "api/wire/problem.h"
#include "core/circuit_breaker.h"
#include "core/registry.h"

namespace exposee::api {

// "There is no endpoint 'ep_…'": the kind's problem, naming what was asked for.
engine::Reply not_found(const ProblemKind& kind, std::string_view what, std::string_view id);

// The endpoint as it is stored. `with_secret`: shown once, when it was created. How it is at the moment,
// which only the engine's thread knows, is added by with_state().
std::string endpoint_json(const Endpoint& endpoint, bool with_secret = false);

// The words of the whole product: active, failing, held, paused, disabled.
struct EndpointMoment {
  BreakerState breaker = BreakerState::closed;
  std::optional<Instant> held_until;  // only while it is held
};
EndpointMoment moment_of(const engine::EngineView& view, EndpointNumber number, Instant now);
// `stored`: the endpoint's stored_status().
std::string_view stored_status(const Endpoint& endpoint);
std::string with_state(std::string endpoint_json, std::string_view stored, const EndpointMoment& moment);
// What answers to changes say besides: the names among `events` that are not declared, typing mistakes
// perhaps.
std::vector<std::string> undeclared_of(const RegistryView& registry,
                                       const std::vector<std::string>& events);
std::string with_undeclared(std::string endpoint_json, const std::vector<std::string>& undeclared);

std::string event_type_json(const EventType& type);

// The answer to a removal: 204, or why not.
engine::Reply render_removed(const engine::Outcome<std::monostate>& outcome);

// An answer with the tag of what it shows; one that was stored earlier, or a refusal, has none (`tag` is
// empty).
http::Response tagged(engine::Reply&& reply, const std::string& tag, std::string_view location_prefix = {});

}  // namespace exposee::api
