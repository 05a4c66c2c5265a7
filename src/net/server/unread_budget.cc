#include "net/server/unread_budget.h"

#include <algorithm>

namespace exposee::net {

void UnreadBudget::change(Holder holder, PeerKey peer, bool shared_peer, std::size_t before,
                          std::size_t after) {
  if (before == after) return;
  auto& share = shares_[peer];
  if (before > 0) share.holders.erase({before, holder});
  if (after > 0) share.holders.insert({after, holder});
  share.bytes += after - before;
  total_.store(total() + after - before, std::memory_order_relaxed);
  const bool over = !shared_peer && after > before && share.bytes > limit_per_peer_;
  if (over && std::ranges::find(over_, peer) == over_.end()) over_.push_back(peer);
  if (share.holders.empty()) shares_.erase(peer);
}

std::optional<UnreadBudget::Holder> UnreadBudget::to_close() {
  while (!over_.empty()) {
    const auto found = shares_.find(over_.back());
    const bool over = found != shares_.end() && found->second.bytes > limit_per_peer_;
    if (over && found->second.holders.size() > 1) return found->second.holders.rbegin()->second;
    over_.pop_back();
  }
  if (total() <= limit_) return std::nullopt;
  const auto& holders = greediest().holders;
  if (shares_.size() == 1 && holders.size() == 1) return std::nullopt;
  return holders.rbegin()->second;
}

const UnreadBudget::Share& UnreadBudget::greediest() const {
  return std::ranges::max_element(shares_, {}, [](const auto& share) { return share.second.bytes; })->second;
}

}  // namespace exposee::net
