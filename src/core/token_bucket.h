// A rate limit: so many per second, with bursts of at most one second's worth. Pure; time is an argument. One
// thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.h"

namespace exposee {

constexpr std::uint32_t kMaxRatePerSecond = 1'000'000;

class TokenBucket {
 public:
  // `per_second` 0: no limit.
  void set_rate(std::uint32_t per_second, Instant now);
  // Whether one may go now; takes its token if so.
  bool take(Instant now);
  bool limits() const { return per_second_ > 0; }
  // When the next one may go; `now` or earlier if at once.
  Instant ready_at() const;

 private:
  void refill(Instant now);

  std::uint32_t per_second_ = 0;
  double tokens_ = 0;
  Instant filled_at_{};
};

}  // namespace exposee
