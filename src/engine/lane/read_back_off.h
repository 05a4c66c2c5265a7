// When a lane looks again for what the store holds of it, after what it found there could not be read. Damage
// seldom goes away by itself, so each wait is twice as long as the one before, up to a limit. Engine's thread
// only; part of a lane.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.h"

namespace exposee::engine {

constexpr Duration kFirstReadBackOff{1'000'000};
constexpr Duration kLongestReadBackOff{60'000'000};  // a read a minute is negligible

// What it reads of it, each from rows and pages of its own: one of them may fail for ever while others
// succeed. Packs are those that a checkpoint writes anew, which have a wait to themselves.
enum class LaneRead : std::uint8_t { window, retry_rows, retry_events, catch_up, packs };

class ReadBackOff {
 public:
  bool waits(Instant now) const { return now < again_at_; }
  Instant again_at() const { return again_at_; }
  // Whether nothing has failed since all succeeded last. Reads that fail together make one wait.
  bool failed(LaneRead what, Instant now) {
    const bool first = failing_ == 0;
    failing_ |= bit(what);
    if (waits(now)) return first;
    wait_ = std::clamp(2 * wait_, kFirstReadBackOff, kLongestReadBackOff);
    again_at_ = now + wait_;
    return first;
  }
  void succeeded(LaneRead what) {
    failing_ &= static_cast<std::uint8_t>(~bit(what));
    if (failing_ == 0) *this = {};
  }
  void begin_anew() { *this = {}; }

 private:
  static std::uint8_t bit(LaneRead what) {
    return static_cast<std::uint8_t>(1u << static_cast<unsigned>(what));
  }

  Instant again_at_;
  Duration wait_{};           // zero: nothing fails
  std::uint8_t failing_ = 0;  // a bit for each LaneRead
};

}  // namespace exposee::engine
