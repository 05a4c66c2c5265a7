// Where a server listens: a host and a port as people write them. Values only; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace exposee::net {

struct ListenAddress {
  std::string host;        // "127.0.0.1", "::1", "0.0.0.0", "localhost"; IPv6 without brackets
  std::uint16_t port = 0;  // 0: the system chooses
  bool operator==(const ListenAddress&) const = default;

  std::string text() const;  // "127.0.0.1:8000", "[::1]:8000"
  bool is_loopback() const;  // reachable from this machine alone: 127.0.0.0/8, ::1, localhost
};

// "host:port" or "[v6]:port". Error: invalid, naming what is wrong.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace exposee::net
