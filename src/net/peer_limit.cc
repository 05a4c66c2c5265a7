#include "net/peer_limit.h"

#include "core/assert.h"

namespace exposee::net {

PeerKey peer_key(const IpAddress& address) {
  PeerKey key = 0;
  for (int i = 0; i < (address.v6 ? 8 : 4); ++i)
    key = (key << 8) | address.bytes[static_cast<std::size_t>(i)];
  return key;
}

bool PeerLimit::enter(PeerKey peer) {
  if (limit_ == 0) return false;
  auto& count = open_[peer];
  if (count >= limit_) return false;
  ++count;
  return true;
}

void PeerLimit::leave(PeerKey peer) {
  auto found = open_.find(peer);
  EXPOSEE_ASSERT(found != open_.end(), "a peer leaves as often as it entered");
  if (--found->second == 0) open_.erase(found);
}

}  // namespace exposee::net
