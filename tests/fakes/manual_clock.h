// A clock that stands still until a test moves it. One thread moves it; any thread reads it.
#pragma once

#include <atomic>

#include "ports/clock.h"

namespace exposee::fakes {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start = from_micros(1'746'590'590'779'082)) : micros_(to_micros(start)) {}
  Instant now() const override { return from_micros(micros_); }
  void advance(Duration by) { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_;
};

}  // namespace exposee::fakes
