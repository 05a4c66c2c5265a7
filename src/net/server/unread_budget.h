// How much memory clients make this server hold: by not reading (replies that they requested and do not take,
// and requests sent ahead), or, counted apart, by bodies of which only part has come. Bounded in all and for
// each peer; says which connection must go when either bound is passed. Used by the server, on its thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/server/peer_limit.h"

namespace exposee::net {

class UnreadBudget {
 public:
  using Holder = std::uint32_t;  // a connection, by its slot

  // Bytes. What one connection holds is never too much for its peer's share, nor for all when there is no
  // other: a reply may be as large as it is.
  UnreadBudget(std::size_t limit, std::size_t limit_per_peer)
      : limit_(limit), limit_per_peer_(limit_per_peer) {}

  // The holder held `before` bytes, and now holds `after`. `shared_peer`: many clients stand behind this peer
  // (a proxy), so that only the bound for all counts.
  void change(Holder holder, PeerKey peer, bool shared_peer, std::size_t before, std::size_t after);

  // The connection to close, if there must be one: the largest of a peer that is over its share, or else of
  // the peer that holds most. Ask again once its bytes were given back.
  std::optional<Holder> to_close();

  std::size_t total() const { return total_.load(std::memory_order_relaxed); }  // any thread

 private:
  struct Share {
    std::size_t bytes = 0;
    std::set<std::pair<std::size_t, Holder>> holders;
  };

  const Share& greediest() const;

  const std::size_t limit_, limit_per_peer_;
  std::atomic<std::size_t> total_ = 0;  // changed by the server's thread alone
  std::unordered_map<PeerKey, Share> shares_;
  std::vector<PeerKey> over_;  // were over their share at some time since to_close() looked
};

}  // namespace exposee::net
