#include "store/sqlite/lists/packed_walk.h"

#include <algorithm>

namespace exposee::store {
namespace {

constexpr std::uint64_t kSlice = 64;      // events whose keys are gathered at once: bounds memory
constexpr std::int64_t kPackCost = 4;     // what reading one weighs against one step of a scan
constexpr std::size_t kMostPacks = 1000;  // of a block: each list that comes to it finds them anew

}  // namespace

Result<EventSeq> PackedWalk::next(std::int64_t& cost) {
  while (keys_.empty()) {
    if (below_ < range_.first) return EventSeq{};
    if (packs_.empty()) {
      auto found = load_block(cost);
      if (!found) return std::move(found).error();
      if (!*found) return EventSeq{};
    }
    EXPOSEE_TRY(load_slice(cost));
  }
  return keys_.back().event;
}

std::vector<EndpointNumber> PackedWalk::take() {
  std::vector<EndpointNumber> endpoints;
  for (const auto event = keys_.back().event; !keys_.empty() && keys_.back().event == event; keys_.pop_back())
    endpoints.push_back(keys_.back().endpoint);
  const auto twice = std::ranges::unique(endpoints);
  endpoints.erase(twice.begin(), twice.end());
  return endpoints;
}

Result<bool> PackedWalk::load_block(std::int64_t& cost) {
  auto last = last_packed(db_, below_, endpoint_);
  if (!last) return std::move(last).error();
  ++cost;
  if (!*last || block_of(*last) < block_of(range_.first)) return false;
  auto packs = packs_of_block(db_, *last, endpoint_, kMostPacks + 1);
  if (!packs) return std::move(packs).error();
  cost += static_cast<std::int64_t>(packs->size());
  if (packs->size() > kMostPacks) {
    const auto ahead = std::min(below_, last_of_block(*last));
    crowded_ = SeqRange{std::max(range_.first, first_of_block(*last)), ahead};
    return false;
  }
  packs_ = *std::move(packs);
  return !packs_.empty();
}

// The newest events of the block that are not yet walked.
Result<void> PackedWalk::load_slice(std::int64_t& cost) {
  EventSeq top;
  for (const auto& pack : packs_) {
    if (pack.key.first <= below_) top = std::max(top, std::min(pack.last, below_));
  }
  if (top < range_.first) {
    packs_.clear();  // on to the block before, if there is one
    if (top) below_ = EventSeq{range_.first.value - 1};
    return {};
  }
  const EventSeq bottom{std::max(range_.first.value, top.value >= kSlice ? top.value - kSlice + 1 : 1)};
  for (const auto& pack : packs_) {
    if (pack.key.first > top || pack.last < bottom) continue;
    auto numbers = numbers_of_pack(db_, pack.key, pack.last);
    if (!numbers) return std::move(numbers).error();
    cost += kPackCost;
    for (const auto event : numbers->events) {
      if (bottom <= event && event <= top) keys_.push_back({event, pack.key.endpoint});
    }
  }
  std::ranges::sort(keys_);
  below_ = EventSeq{bottom.value - 1};
  return {};
}

}  // namespace exposee::store
