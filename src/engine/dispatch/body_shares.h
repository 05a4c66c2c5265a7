// Of the memory for event bodies, how much each lane may take, for its window and for its retries. Owned by
// the Dispatcher; engine's thread only.
#pragma once

#include <algorithm>
#include <cstddef>

#include "engine/dispatch/packing.h"
#include "engine/lane/held_bodies.h"
#include "engine/lane/lane.h"

namespace exposee::engine {

class BodyShares {
 public:
  BodyShares(const EngineLimits& limits, const Packing& packing) : limits_(limits), packing_(packing) {}

  // Each body is counted once, however many lanes hold it.
  HeldBodies& bodies() { return bodies_; }
  std::size_t held() const { return bodies_.bytes(); }

  // What is being read counts as if it were here.
  void ask(std::size_t bytes) { asked_ += bytes; }
  void answered(std::size_t bytes) { asked_ -= bytes; }

  // Bytes that the lane may still take, of events for its window or of its retries. While there is memory it
  // takes whatever is left, past that what makes up its share, by one read at a time; one event when it has
  // none, however large. So a lane that gets none has events to start, and asks again with each that starts:
  // and none need be told when others give theirs back.
  std::size_t room_for(const Lane& lane) const {
    const auto free = left(limits_.body_bytes, held() + asked_);
    if (lane.is_reading_bodies()) return free;
    return std::max({free, left(share(), lane.body_bytes()), std::size_t{lane.holds_bodies() ? 0u : 1u}});
  }
  bool has_room_for(const Lane& lane) const { return held() + asked_ < limits_.body_bytes || room_for(lane) > 0; }
  // For the event of the retry that starts first, what comes after it makes room; but the window only while nothing
  // is under way that may come back to a place in it, behind what would be a number by then.
  bool can_make_room(const Lane& lane) const {
    const bool may_shed = lane.backlog.empty() || lane.flights.in_flight() == 0;
    return may_shed && !lane.is_reading_bodies() && !lane.retries.is_next_read();
  }
  void make_room(Lane& lane) const {
    lane.retries.drop_events();
    while (room_for(lane) == 0) lane.backlog.shed();
  }

 private:
  std::size_t share() const {
    const auto even = limits_.body_bytes / std::max<std::size_t>(1, packing_.listed().size());
    return std::max(limits_.least_share_bytes, even);
  }
  static std::size_t left(std::size_t all, std::size_t used) { return all - std::min(all, used); }

  const EngineLimits& limits_;
  const Packing& packing_;
  HeldBodies bodies_;
  std::size_t asked_ = 0;
};

}  // namespace exposee::engine
