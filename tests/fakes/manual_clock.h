// A clock that stands still until a test moves it. One thread moves it; any thread reads it.
#pragma once

#include <atomic>

#include "ports/clock.h"

namespace exposee::fakes {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start = from_micros(1'746'590'590'779'082)) : wall_(to_micros(start)) {}
  Instant now() const override { return from_micros(wall_); }
  Duration monotonic() const override { return Duration{passed_}; }
  void advance(Duration by) {
    passed_ += by.count();
    wall_ += by.count();
  }
  // Somebody sets the wall clock; no time passes.
  void set_by(Duration by) { wall_ += by.count(); }

 private:
  std::atomic<std::int64_t> wall_;
  std::atomic<std::int64_t> passed_{0};
};

}  // namespace exposee::fakes
