// From an endpoint to what the sender needs of it. Pure; any thread.
#pragma once

#include <string>

#include "core/registry.h"
#include "ports/sender.h"

namespace exposee::engine {

// The endpoint's URL and secret come from the store, where they were let in by the rules of their day, and
// where a disk may have damaged them: what the rules of today refuse, or cannot be read, makes a target that
// is blocked.
TargetRef make_target(const Endpoint& endpoint, std::chrono::milliseconds default_timeout);

// Why nothing can ever be sent to the endpoint as it is stored; empty when it can. A URL that a rule of today
// refuses is readable.
std::string unreadable(const Endpoint& endpoint);

}  // namespace exposee::engine
