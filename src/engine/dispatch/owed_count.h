// Counts the deliveries that are owed, of each lane and of all together, and which lanes have as many as may
// wait. Owned by the Dispatcher; engine's thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/assert.h"
#include "engine/lane/lane.h"

namespace exposee::engine {

constexpr std::size_t kAuditStep = 64;  // lanes counted anew at once: some microseconds

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
    if (is_audited(lane)) in_audited_ += count;
    note_full(lane);
  }
  // After a crash what packs name may have been delivered since, so it may be asked to take off more than was
  // counted, never less than zero. By how many it did.
  std::uint64_t reduce(Lane& lane, std::uint64_t count) {
    count = std::min(count, lane.owed.count);
    EXPOSEE_ASSERT(count <= total_, "all lanes together are owed what each of them is");
    lane.owed.count -= count;
    total_ -= count;
    if (is_audited(lane)) in_audited_ -= count;
    note_full(lane);
    return count;
  }
  // They are not owed any more. Of a reduction by `count`, only so many as `at_most`.
  void give_up(Lane& lane, std::uint64_t count) { given_up_ += reduce(lane, count); }
  void give_up(Lane& lane, std::uint64_t count, std::uint64_t at_most) {
    given_up_ += std::min(reduce(lane, count), at_most);
  }
  void note_given_up() { ++given_up_; }
  // Once nothing of the lane is in the store alone, what it is owed can be counted.
  void recount(Lane& lane) {
    if (lane.backlog.has_unread_packs() || lane.retries.has_more()) return;
    const auto waiting = lane.backlog.size() + lane.backlog.numbered() + lane.retries.size();
    const auto exact = waiting + lane.flights.open() + lane.set_aside.size();
    if (lane.owed.count > exact) reduce(lane, lane.owed.count - exact);
  }

  // Counts some more of the lanes anew, of endpoint n at n - 1. Once it has come to the last, all of them
  // together are owed what is counted here (invariant I13).
  template <class Lanes>
  void audit(const Lanes& lanes) {
    const auto end = std::min(lanes.size(), audited_ + kAuditStep);
    for (; audited_ < end; ++audited_) {
      if (lanes[audited_]) in_audited_ += lanes[audited_]->owed.count;
    }
    if (audited_ < lanes.size()) return;
    EXPOSEE_ASSERT(in_audited_ == total_, "all lanes together are owed what each of them is");
    audited_ = in_audited_ = 0;
  }

 private:
  bool is_audited(const Lane& lane) const { return lane.number.value <= audited_; }
  void note_full(Lane& lane) {
    const bool full = lane.owed.count >= lane.owed.most;
    if (full == lane.owed.is_full) return;
    EXPOSEE_ASSERT(full || full_ > 0, "a lane that has room again was full before");
    lane.owed.is_full = full;
    full_ = full ? full_ + 1 : full_ - 1;
  }

  std::uint64_t total_ = 0, given_up_ = 0;
  std::size_t full_ = 0;          // lanes
  std::size_t audited_ = 0;       // so many of the lanes are counted anew
  std::uint64_t in_audited_ = 0;  // they are owed
};

}  // namespace exposee::engine
