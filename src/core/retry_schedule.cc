#include "core/retry_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/assert.h"
#include "core/text/ascii.h"

namespace exposee {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Error invalid(std::string message) {
  return Error{ErrorCode::invalid, std::move(message), {}};
}

// RFC 9110 delay-seconds. Every digit is read, but once over the cap the rest cannot matter.
std::optional<seconds> parse_delay_seconds(std::string_view text) {
  if (text.empty()) return std::nullopt;
  seconds value{0};
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min<seconds>(value * 10 + seconds{c - '0'}, kMaxRetryAfter);
  }
  return value;
}

}  // namespace

RetrySchedule default_retry_schedule() {
  return {
      {seconds{5}, minutes{5}, minutes{30}, hours{2}, hours{5}, hours{10}, hours{14}, hours{20}, hours{24}}};
}

Result<void> check_schedule(const RetrySchedule& schedule) {
  if (schedule.waits.size() >= kMaxAttempts) {
    return invalid(fmt::format("A schedule of {} waits makes {} attempts; at most {} are allowed",
                               schedule.waits.size(), schedule.waits.size() + 1, kMaxAttempts));
  }
  milliseconds sum{0};
  for (std::size_t i = 0; i < schedule.waits.size(); ++i) {
    const milliseconds wait = schedule.waits[i];
    if (wait <= milliseconds{0})
      return invalid(fmt::format("Wait {} of the schedule must be positive", i + 1));
    if (wait > kMaxHorizon - sum) {
      return invalid(fmt::format("The waits of the schedule add up to more than {} days, at wait {}",
                                 kMaxHorizon / hours{24}, i + 1));
    }
    sum += wait;
  }
  return {};
}

std::optional<Instant> next_attempt_at(const RetrySchedule& schedule, std::uint32_t attempt,
                                       Instant failed_at, std::optional<Duration> retry_after, double unit) {
  EXPOSEE_ASSERT(attempt >= 1, "attempts count from 1");
  EXPOSEE_ASSERT(unit >= 0 && unit < 1, "jitter comes from [0, 1)");
  if (attempt > schedule.waits.size()) return std::nullopt;
  const Duration wait = schedule.waits[attempt - 1];
  const double factor = 1 - kJitter + 2 * kJitter * unit;
  const Duration jittered{std::llround(static_cast<double>(wait.count()) * factor)};
  const Duration bound = std::min<Duration>(retry_after.value_or(Duration{0}), kMaxRetryAfter);
  return failed_at + std::max(jittered, bound);
}

std::optional<Duration> parse_retry_after(std::string_view header, Instant now) {
  const std::string_view value = trimmed(header);
  if (const auto delay = parse_delay_seconds(value)) return Duration{*delay};
  const auto date = parse_http_date(value);
  if (!date) return std::nullopt;
  return std::clamp<Duration>(*date - now, Duration{0}, kMaxRetryAfter);
}

}  // namespace exposee
