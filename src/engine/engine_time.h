// The engine's time: the wall clock's, and when that is set back, what the wall clock would have said. Timers
// of a running process keep their distance to each other, and times that are written down never run
// backwards. A clock set forward is followed: after a sleep of the machine what is due is due. Owned by the
// engine; its thread.
#pragma once

#include <algorithm>

#include "ports/clock.h"

namespace exposee::engine {

class EngineTime {
 public:
  explicit EngineTime(const Clock& clock) : clock_(clock) {}

  Instant now() {
    // The wall first: were the thread to sleep between the two, the other order would leave us ahead of it.
    const auto wall = clock_.now();
    const auto passed = clock_.monotonic();
    origin_ = std::max(origin_, wall - passed);
    return origin_ + passed;
  }
  Duration monotonic() const { return clock_.monotonic(); }

 private:
  const Clock& clock_;
  Instant origin_;  // of the monotonic clock, on the wall as it was furthest ahead
};

}  // namespace exposee::engine
