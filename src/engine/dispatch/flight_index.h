// Which of a lane's attempts is at an event. A list asks for hundreds of deliveries of one lane at once: the
// first question makes one pass over the lane's attempts, and what it found stands until any attempt begins
// or ends, which pays nothing for it. Owned by Flights; engine's thread only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/ids.h"

namespace exposee::engine {

class FlightIndex {
 public:
  void changed() { is_current_ = false; }

  // The slot; nothing: none is at it. `each_slot`: gives the event and slot of each of the lane's attempts.
  template <class EachSlot>
  std::optional<std::uint32_t> find(EndpointNumber lane, EventSeq event, EachSlot&& each_slot) {
    if (!std::exchange(is_current_, true)) lanes_.clear();
    const auto [known, is_new] = lanes_.try_emplace(lane);
    auto& entries = known->second;
    if (is_new) {
      each_slot([&](EventSeq at, std::uint32_t slot) { entries.emplace_back(at, slot); });
      std::ranges::sort(entries);
    }
    const auto found = std::ranges::lower_bound(entries, event, {}, &Entry::first);
    return found == entries.end() || found->first != event ? std::nullopt : std::optional(found->second);
  }

 private:
  using Entry = std::pair<EventSeq, std::uint32_t>;

  bool is_current_ = false;
  std::unordered_map<EndpointNumber, std::vector<Entry>> lanes_;  // those that were asked for
};

}  // namespace exposee::engine
