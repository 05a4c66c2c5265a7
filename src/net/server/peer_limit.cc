#include "net/server/peer_limit.h"

#include <algorithm>

#include "core/assert.h"

namespace exposee::net {

PeerKey peer_key(const IpAddress& address) {
  PeerKey key = 0;
  for (int i = 0; i < (address.v6 ? 8 : 4); ++i)
    key = (key << 8) | address.bytes[static_cast<std::size_t>(i)];
  return key;
}

bool PeerLimit::is_shared(const IpAddress& address) const {
  return std::ranges::any_of(shared_, [&](const Network& network) { return network.contains(address); });
}

bool PeerLimit::enter(const IpAddress& address) {
  auto& count = open_[peer_key(address)];
  if (count < limit_ || is_shared(address)) {
    ++count;
    return true;
  }
  if (count == 0) open_.erase(peer_key(address));
  return false;
}

void PeerLimit::leave(PeerKey peer) {
  auto found = open_.find(peer);
  EXPOSEE_ASSERT(found != open_.end(), "a peer leaves as often as it entered");
  if (--found->second == 0) open_.erase(found);
}

}  // namespace exposee::net
