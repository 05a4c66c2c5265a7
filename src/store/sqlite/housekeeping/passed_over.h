// Stretches of events that retention does not look at: something of theirs cannot be read or removed. Kept as
// long as the process runs, for damage does not heal by itself. Part of the writer; its thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>

#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

class PassedOver {
 public:
  // `beside`: it goes on where another one ends or begins, which was told. `nothing`: all of it is there already.
  enum class Added : std::uint8_t { nothing, beside, apart };
  Added add(SeqRange range) {
    const auto before = stretches_.upper_bound(range.first);
    bool goes_on = before != stretches_.begin() && std::prev(before)->second.value + 1 >= range.first.value;
    if (goes_on && std::prev(before)->second >= range.last) return Added::nothing;
    const auto grown = goes_on ? std::prev(before) : stretches_.emplace(range.first, range.last).first;
    grown->second = std::max(grown->second, range.last);
    auto behind = std::next(grown);
    while (behind != stretches_.end() && behind->first <= grown->second) {
      goes_on = true;
      grown->second = std::max(grown->second, behind->second);
      behind = stretches_.erase(behind);
    }
    return goes_on ? Added::beside : Added::apart;
  }
  bool has(EventSeq event) const {
    const auto next = above(event);
    return next != stretches_.begin() && std::prev(next)->second >= event;
  }
  // Where to go on after `event`: behind the stretches that follow it at once.
  EventSeq end_after(EventSeq event) const {
    while (true) {
      const auto next = above(EventSeq{event.value + 1});
      if (next == stretches_.begin() || std::prev(next)->second <= event) return event;
      event = std::prev(next)->second;
    }
  }
  // Up to where nothing is passed over after `event`, which is not itself.
  EventSeq last_before(EventSeq event, EventSeq last) const {
    const auto next = above(event);
    return next == stretches_.end() ? last : std::min(last, EventSeq{next->first.value - 1});
  }

 private:
  using Stretches = std::map<EventSeq, EventSeq>;  // first to last
  Stretches::const_iterator above(EventSeq event) const { return stretches_.upper_bound(event); }

  Stretches stretches_;
};

}  // namespace exposee::store
