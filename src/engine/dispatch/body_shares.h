// Of the memory for event bodies, how much each lane's window may take. Owned by the Dispatcher; engine's thread only.
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

  // Bytes that the lane's window may still take. While there is memory it takes whatever is left, past that what
  // makes up its share; one event when it is empty, however large. So a lane that gets none has events to start,
  // and asks again with each that starts: nobody need watch for others that give theirs back.
  std::size_t room_for(const Lane& lane) const {
    const auto even = limits_.body_bytes / std::max<std::size_t>(1, packing_.listed().size());
    const auto share = std::max(limits_.least_share_bytes, even);
    const std::size_t least = lane.backlog.empty() ? 1 : 0;
    return std::max({left(limits_.body_bytes, held()), left(share, lane.backlog.bytes()), least});
  }
  bool has_room_for(const Lane& lane) const { return held() < limits_.body_bytes || room_for(lane) > 0; }

 private:
  static std::size_t left(std::size_t all, std::size_t used) { return all - std::min(all, used); }

  const EngineLimits& limits_;
  const Packing& packing_;
  HeldBodies bodies_;
};

}  // namespace exposee::engine
