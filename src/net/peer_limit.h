// How many connections each peer has open. A peer is an IPv4 address or an IPv6 /64, because a /64 is what
// one customer gets. Used by the server, on its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "core/address.h"

namespace exposee::net {

// A peer as a number: IPv4 addresses and IPv6 /64s never collide, since the former are below 2^32 and no
// routable /64 prefix is.
using PeerKey = std::uint64_t;
PeerKey peer_key(const IpAddress& address);

class PeerLimit {
 public:
  explicit PeerLimit(std::size_t limit) : limit_(limit) {}
  // Whether the peer may have one more; if so it is counted until leave().
  bool enter(PeerKey peer);
  void leave(PeerKey peer);

 private:
  std::size_t limit_;
  std::unordered_map<PeerKey, std::size_t> open_;
};

}  // namespace exposee::net
