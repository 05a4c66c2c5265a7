// What this machine itself has run out of: descriptors, ports, buffers, memory, a route. An attempt that
// meets it has not begun, and says nothing of its receiver (decision 19). Pure; any thread.
#pragma once

#include "core/address/address.h"

namespace exposee::net {

// Whether `error` (errno of socket(), connect(), sendmsg() or epoll_ctl()) is a lack of this machine, met on
// the way to `address`. No route counts for IPv4 alone: a machine without IPv6 is none that lacks something,
// and what has only IPv6 addresses cannot be reached from it.
bool is_own_shortage(int error, const IpAddress& address);

}  // namespace exposee::net
