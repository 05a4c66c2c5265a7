// When the next attempt is due, or that there is none (promise D6). Pure; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace exposee {

constexpr double kJitter = 0.2;                     // each wait is multiplied by 1 ± this
constexpr std::chrono::hours kMaxHorizon{31 * 24};  // sum of all waits
constexpr std::size_t kMaxAttempts = 64;            // of one delivery by schedule
constexpr std::chrono::hours kMaxRetryAfter{24};    // a longer Retry-After counts as this

// Waits before attempts 2, 3, ...; the first attempt is at once.
struct RetrySchedule {
  std::vector<std::chrono::milliseconds> waits;
  bool operator==(const RetrySchedule&) const = default;
};

// At once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
RetrySchedule default_retry_schedule();

// Each wait positive, at most kMaxAttempts - 1 waits, in all at most kMaxHorizon. Error: invalid.
Result<void> check_schedule(const RetrySchedule& schedule);

// `attempt`: number of the attempt that just failed, from 1. `unit`: uniform in [0,1), from ports/random.h.
// Nothing when the schedule is used up. Never before `retry_after`, which is a lower bound.
std::optional<Instant> next_attempt_at(const RetrySchedule& schedule, std::uint32_t attempt,
                                       Instant failed_at, std::optional<Duration> retry_after, double unit);

// The header Retry-After (RFC 9110 10.2.3): seconds or an HTTP-date; capped at kMaxRetryAfter, never
// negative.
std::optional<Duration> parse_retry_after(std::string_view header, Instant now);

}  // namespace exposee
