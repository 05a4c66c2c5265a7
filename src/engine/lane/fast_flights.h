// Counts the attempts in flight to fast receivers. More of them than keep this machine busy do not arrive
// sooner: they wait in each other's queues, on sockets that have left the caches by their turn
// (docs/decisions/0009). An attempt that is not answered soon, its time in the endpoint's queue included, was
// not at a fast receiver after all: it is overdue, and counts no longer, so that one that begins to hang
// takes no place from the others. Engine's thread only; owned by Flights.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "core/time.h"

namespace exposee::engine {

// Ten times what a fast receiver takes at most: the first ones also connect.
constexpr Duration kLongestFastFlight{100'000};

class FastFlights {
 public:
  explicit FastFlights(std::size_t limit) : limit_(limit) {}

  bool full() const { return count_ >= limit_; }
  std::size_t room() const { return limit_ - std::min(limit_, count_); }
  bool is_dense() const { return count_ >= limit_ / 4 * 3; }
  // The attempt in this slot is handed out. `counts`: its receiver may be fast; else only its age is watched.
  void enter(std::uint32_t slot, Instant now, bool counts);
  bool leave(std::uint32_t slot);  // it is answered, or was never watched; whether it was overdue
  // Those that were not answered soon are overdue from now on; `aged` is told the slot of each.
  template <class Aged>
  void age(Instant now, Aged&& aged) {
    while (!entries_.empty() && entries_.front().since + kLongestFastFlight <= now) {
      const auto slot = entries_.front().slot;
      leave(slot);
      slots_[slot].overdue = true;
      aged(slot);
    }
  }
  // When age() will find something, if nothing leaves before.
  std::optional<Instant> ages_at() const;

 private:
  struct Entry {
    Instant since;
    std::uint32_t slot;
    std::uint64_t serial;
  };
  struct Slot {
    std::uint64_t serial = 0;  // of the entry of the attempt in it; 0: none
    bool counts = false;
    bool overdue = false;  // it has none any more
  };
  bool stands(const Entry& entry) const { return slots_[entry.slot].serial == entry.serial; }

  const std::size_t limit_;
  std::size_t count_ = 0;
  std::uint64_t last_serial_ = 0;
  std::deque<Entry> entries_;  // oldest first; also some that have left
  std::vector<Slot> slots_;
};

}  // namespace exposee::engine
