// An endpoint as /v1 shows it. Most of it stands in the registry; how it is at the moment only the engine's
// thread knows, which tells it as a value, so that the JSON is written in one go with the reply. Pure; any
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/access/registry_view.h"
#include "core/circuit_breaker.h"
#include "core/registry.h"
#include "engine/commands.h"
#include "json/writer.h"

namespace exposee::api {

// What changes by itself. Of an endpoint that was made just now: as it is here.
struct EndpointMoment {
  BreakerState breaker = BreakerState::closed;
  std::optional<Instant> held_until;  // only while it is held
  std::uint64_t pending = 0;          // deliveries
};
EndpointMoment moment_of(const engine::EngineView& view, EndpointNumber number, Instant now);

// What replies to a change say besides.
struct ChangeDetails {
  bool with_secret = false;             // shown once, when the endpoint was created
  std::vector<std::string> undeclared;  // of undeclared_of()
};

void write_endpoint(const Endpoint& endpoint, const EndpointMoment& moment, JsonWriter& json);
std::string endpoint_json(const Endpoint& endpoint, const EndpointMoment& moment);
std::string changed_endpoint_json(const Endpoint& endpoint, const EndpointMoment& moment,
                                  const ChangeDetails& details);

// The entity tag: of what is stored. What changes by itself is not part of it, or no client could change an
// endpoint at which deliveries fail.
std::string tag_of(const Endpoint& endpoint);

// The names and patterns among `events` that match no declared type: typing mistakes perhaps.
std::vector<std::string> undeclared_of(const RegistryView& registry, const std::vector<std::string>& events);

}  // namespace exposee::api
