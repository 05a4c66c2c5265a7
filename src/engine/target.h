// From an endpoint to what the sender needs of it. Pure; any thread.
#pragma once

#include "core/registry.h"
#include "ports/sender.h"

namespace exposee::engine {

// The endpoint's URL and secret come from the registry, where only valid ones are let in: others are a broken
// invariant.
TargetRef make_target(const Endpoint& endpoint, std::chrono::milliseconds default_timeout);

}  // namespace exposee::engine
