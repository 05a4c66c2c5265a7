// Says seldom what comes often: one line at once, then one an interval, with how often it came. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "core/time.h"

namespace exposee::app {

class RateLimitedLog {
 public:
  explicit RateLimitedLog(Duration interval) : interval_(interval) {}

  // It came once more. How often since the last line, when a line is due.
  std::optional<std::uint64_t> due(Instant now) {
    const std::lock_guard lock(mutex_);
    ++untold_;
    // Also when the clock was set back.
    if (told_ && now >= *told_ && now - *told_ < interval_) return std::nullopt;
    told_ = now;
    return std::exchange(untold_, 0);
  }

 private:
  const Duration interval_;
  std::mutex mutex_;
  std::optional<Instant> told_;
  std::uint64_t untold_ = 0;
};

}  // namespace exposee::app
