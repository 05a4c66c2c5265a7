// The time by which what is kept grows old: that of retention and of the replies under an Idempotency-Key. A
// wall clock that jumps ahead for a moment would remove within seconds what is to be kept for weeks, and
// nothing brings it back. So this runs with the monotonic clock, from the wall clock's time at the start, and
// follows the wall clock ahead only once that has held for a day of running. What the wall clock is behind it
// follows at once: then something is kept for longer, no more. The least that the wall clock has been ahead
// of the monotonic one, over the last day or two, says all that. Owned by Housekeeping, which asks for it at
// every look; engine's thread only.
#pragma once

#include <algorithm>

#include "ports/clock.h"

namespace exposee::engine {

// So long a wall clock must have been ahead: one that was set wrong is noticed within a day.
constexpr Duration kBelieved{86'400'000'000};

class ExpiryTime {
 public:
  explicit ExpiryTime(const Clock& clock) : clock_(clock) {}

  Instant now() {
    const auto passed = clock_.monotonic();
    const auto origin = clock_.now() - passed;
    if (passed >= until_) {
      earlier_ = until_ == Duration::min() ? origin : least_;
      least_ = origin;
      until_ = passed + kBelieved;
    }
    least_ = std::min(least_, origin);
    return std::min(earlier_, least_) + passed;
  }

 private:
  const Clock& clock_;
  // Where the monotonic clock begins on the wall clock: at the least, since this stretch of a day began and
  // in the one before.
  Instant least_, earlier_;
  Duration until_ = Duration::min();  // this stretch, by the monotonic clock; no time: none has begun
};

}  // namespace exposee::engine
