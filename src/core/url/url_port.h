// Which ports a delivery never goes to: a part of core/url/url.h. Constants and a pure function; any thread.
#pragma once

#include <cstdint>

namespace exposee {

// Port 0, the "bad ports" of the Fetch standard (section "Port blocking"), where a POST would be taken for
// another protocol's commands, and the ports of common data stores and of what commands machines (Docker,
// kubelet, Consul, Nomad), which should never be reached from outside.
bool is_refused_port(std::uint16_t port);

}  // namespace exposee
