// When a lane looks again for what the store holds of it, after what it found there could not be read. Damage
// seldom goes away by itself, so each wait is twice as long as the one before, up to a limit. Engine's thread
// only; part of a lane.
#pragma once

#include <algorithm>

#include "core/time.h"

namespace exposee::engine {

constexpr Duration kFirstReadBackOff{1'000'000};
constexpr Duration kLongestReadBackOff{60'000'000};  // a read a minute costs nobody anything

class ReadBackOff {
 public:
  bool waits(Instant now) const { return now < again_at_; }
  Instant again_at() const { return again_at_; }
  // Whether it is the first failure since the last success.
  bool failed(Instant now) {
    const bool first = wait_ == Duration::zero();
    wait_ = std::clamp(2 * wait_, kFirstReadBackOff, kLongestReadBackOff);
    again_at_ = now + wait_;
    return first;
  }
  void succeeded() { *this = {}; }

 private:
  Instant again_at_;
  Duration wait_{};  // zero: the last read succeeded
};

}  // namespace exposee::engine
