// Counts the deliveries that are owed, of each lane and of all together, and which lanes have as many as may
// wait. Owned by the Dispatcher; engine's thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/assert.h"
#include "engine/lane/lane.h"

namespace exposee::engine {

class OwedCount {
 public:
  std::uint64_t total() const { return total_; }
  bool any_full() const { return full_ > 0; }
  // Deliveries that ended because they were not owed any more, without a row that says so.
  std::uint64_t given_up() const { return given_up_; }

  void set_most(Lane& lane, std::uint64_t most) {
    lane.owed.most = most;
    note_full(lane);
  }
  void add(Lane& lane, std::uint64_t count) {
    lane.owed.count += count;
    total_ += count;
    note_full(lane);
  }
  // After a crash what packs name may have been delivered since, so it may be asked to take off more than was
  // counted, never less than zero. By how many it did.
  std::uint64_t reduce(Lane& lane, std::uint64_t count) {
    count = std::min(count, lane.owed.count);
    EXPOSEE_ASSERT(count <= total_, "all lanes together are owed what each of them is");
    lane.owed.count -= count;
    total_ -= count;
    note_full(lane);
    return count;
  }
  // They are not owed any more. Of a reduction by `count`, only so many as `at_most`.
  void give_up(Lane& lane, std::uint64_t count) { given_up_ += reduce(lane, count); }
  void give_up(Lane& lane, std::uint64_t count, std::uint64_t at_most) {
    given_up_ += std::min(reduce(lane, count), at_most);
  }
  void note_given_up() { ++given_up_; }

 private:
  void note_full(Lane& lane) {
    const bool full = lane.owed.count >= lane.owed.most;
    if (full == lane.owed.is_full) return;
    EXPOSEE_ASSERT(full || full_ > 0, "a lane that has room again was full before");
    lane.owed.is_full = full;
    full_ = full ? full_ + 1 : full_ - 1;
  }

  std::uint64_t total_ = 0, given_up_ = 0;
  std::size_t full_ = 0;  // lanes
};

}  // namespace exposee::engine
