// From where the server listens to core's notion of what leads to it: with a listener on all addresses, those
// that the machine has now. One that it gets later is found out when connecting. Any thread.
#pragma once

#include <vector>

#include "core/address/own_listener.h"
#include "net/server/listen_address.h"

namespace exposee::net {

// `bound`: with real ports; a host that is not an address is left out.
OwnListeners own_listeners(const std::vector<ListenAddress>& bound);

}  // namespace exposee::net
