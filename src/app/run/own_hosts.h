// Under which names clients may call this server, as far as this machine shows them (api/access/own_host.h
// has the rest). Asked once, at the start.
#pragma once

#include <string>
#include <vector>

#include "app/settings/settings.h"
#include "core/address/own_listener.h"

namespace exposee::app {

// What this machine calls itself; empty when it has no name.
std::string machine_name();

// As ApiOptions::own_hosts has them: loopback, the listeners, the machine's addresses and its name, and the
// host of server.public_url.
std::vector<std::string> own_hosts(const Settings& settings, const OwnListeners& own,
                                   const std::string& machine);

}  // namespace exposee::app
