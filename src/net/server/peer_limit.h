// How many connections each peer has open. A peer is an IPv4 address or an IPv6 /64, because a /64 is what
// one customer gets. Used by the server, on its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/address/ip_address.h"

namespace exposee::net {

// A peer as a number: IPv4 addresses and IPv6 /64s never collide, since the former are below 2^32 and no
// routable /64 prefix is.
using PeerKey = std::uint64_t;
PeerKey peer_key(const IpAddress& address);

class PeerLimit {
 public:
  // `shared`: behind these addresses are many clients (a proxy, this machine itself), so no limit holds
  // there.
  PeerLimit(std::size_t limit, std::vector<Network> shared) : limit_(limit), shared_(std::move(shared)) {}

  bool is_shared(const IpAddress& address) const;
  // Whether the peer may have one more; if so it is counted until leave().
  bool enter(const IpAddress& address);
  void leave(PeerKey peer);

 private:
  const std::size_t limit_;
  const std::vector<Network> shared_;
  std::unordered_map<PeerKey, std::size_t> open_;
};

}  // namespace exposee::net
