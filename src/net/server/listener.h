// Opens the sockets that a server listens on: one for each address that a host name stands for. Used at
// start.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <vector>

#include "core/address/ip_address.h"
#include "core/result.h"
#include "net/loop/fd.h"
#include "net/server/listen_address.h"

namespace exposee::net {

// open_listener() of socket.h, or a test's. Error: errno.
using OpenListener = std::function<std::expected<Fd, int>(const IpAddress&, std::uint16_t port)>;

// One for each of `hosts`, or none. With port 0 all get the port that the first one was given. An address of
// a family that this machine does not have (a hosts file names ::1 where IPv6 is off) is left out as long as
// another one works. Error: errno of the first that must not fail.
std::expected<std::vector<Fd>, int> open_each(const std::vector<IpAddress>& hosts, std::uint16_t port,
                                              const OpenListener& open);

// For all addresses that the host stands for. Errors: invalid, conflict, unavailable; in a sentence.
Result<std::vector<Fd>> open_listeners(const ListenAddress& address);

}  // namespace exposee::net
