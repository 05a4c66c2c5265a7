// What a start needs to know of the lanes: the marks up to which each is settled, and the packs of what
// waits. A checkpoint looks at the lanes that have work, and at no other. Owned by the Dispatcher; engine's
// thread only.
#pragma once

#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "core/shard.h"
#include "engine/dispatch/flights.h"
#include "engine/lane/lane.h"
#include "ports/store.h"

namespace exposee::engine {

class Packing {
 public:
  struct Checkpoint {
    std::vector<LaneMark> marks;     // of the lanes that are not settled up to the last event
    std::vector<PackKey> removed;    // before others are put
    std::vector<BacklogPack> packs;  // new ones, and those that have grown
    std::vector<std::pair<Lane*, BacklogStep>> steps;
    std::size_t stale = 0;  // of `removed`, packs that no lane needed any more
    bool is_full = false;   // as many packs as one takes; other lanes may have some too
    bool more = false;      // the next one has something to write, though nothing else happens
    bool has_room(std::size_t limit) const { return packs.size() < limit && removed.size() - stale < limit; }
  };

  Packing(const EngineLimits& limits, const Flights& flights) : limits_(limits), flights_(flights) {}

  // It has work: under way, waiting or not on disk yet.
  void list(Lane& lane);
  std::span<Lane* const> listed() const { return lanes_; }
  // Is on disk, and no lane needs it any more.
  void drop(const PackKey& pack) { stale_.push_back(pack); }

  // Nothing is known of the lanes of these shards any more, and their packs are another node's.
  void give_up(ShardSet shards) {
    std::erase_if(lanes_, [&](const Lane* lane) { return shards.has(lane->number); });
    std::erase_if(stale_, [&](const PackKey& pack) { return shards.has(pack.endpoint); });
  }

  // As everything is once the outcomes of this turn are on disk; `last`: the last event before it.
  Checkpoint checkpoint(EventSeq last, Instant now) { return look(last, now, true); }
  void checkpointed(const Checkpoint& checkpoint, Instant now);  // it is on disk
  // One that cannot be written as a whole, in parts: first those packs that were removed or put, of some
  // lanes, or stale; then the marks without any packs.
  Checkpoint marks(EventSeq last, Instant now) { return look(last, now, false); }
  void packed(Lane& lane, const BacklogStep& step) {  // it is on disk
    lane.reads.succeeded(LaneRead::packs);
    lane.backlog.written(step);
  }
  void drop_stale(std::size_t count) {
    stale_.erase(stale_.begin(), stale_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  // Whether it is the first time: its packs cannot be written, and are left out for a while.
  static bool leave_out(Lane& lane, Instant now) { return lane.reads.failed(LaneRead::packs, now); }

 private:
  Checkpoint look(EventSeq last, Instant now, bool with_packs);
  std::vector<const Event*> open_first_attempts(const Lane& lane) const;
  void take_stale(Checkpoint& checkpoint) const;
  void look_at(Lane& lane, bool may_plan, EventSeq last, Instant now, Checkpoint& checkpoint) const;
  void plan(Lane& lane, Backlog::InFlight in_flight, Instant now, Checkpoint& checkpoint) const;

  const EngineLimits& limits_;
  const Flights& flights_;
  std::vector<Lane*> lanes_;
  std::size_t next_ = 0;  // of them, the one with which the next checkpoint begins
  std::deque<PackKey> stale_;
};

}  // namespace exposee::engine
