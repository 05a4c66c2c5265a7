#include "core/retry_schedule.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace exposee {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow = from_micros(784'111'777'000'000);  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr double kMiddle = 0.5;                             // of the jitter: the wait as it stands

TEST(RetrySchedule, DefaultIsThePromisedOne) {
  const std::vector<std::chrono::milliseconds> expected = {5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};
  const RetrySchedule schedule = default_retry_schedule();
  EXPECT_EQ(schedule.waits, expected);
  EXPECT_EQ(std::accumulate(expected.begin(), expected.end(), 0ms), 75h + 35min + 5s);
  EXPECT_TRUE(check_schedule(schedule));
}

TEST(RetrySchedule, LimitsAreExact) {
  EXPECT_TRUE(check_schedule({}));
  EXPECT_TRUE(check_schedule({{1ms}}));
  EXPECT_TRUE(check_schedule({{kMaxHorizon}}));
  EXPECT_TRUE(check_schedule({{kMaxHorizon - 1s, 1s}}));
  EXPECT_TRUE(check_schedule({std::vector<std::chrono::milliseconds>(kMaxAttempts - 1, 1s)}));
  EXPECT_FALSE(check_schedule({std::vector<std::chrono::milliseconds>(kMaxAttempts, 1s)}));
  EXPECT_FALSE(check_schedule({{kMaxHorizon, 1ms}}));
  EXPECT_FALSE(check_schedule({{5s, 0s}}));
  EXPECT_FALSE(check_schedule({{-1s}}));
  EXPECT_FALSE(check_schedule({{std::chrono::milliseconds::max(), std::chrono::milliseconds::max()}}));
  EXPECT_EQ(check_schedule({{0s}}).error().code, ErrorCode::invalid);
}

TEST(RetrySchedule, EachFailureWaitsForItsOwnStep) {
  const RetrySchedule schedule = default_retry_schedule();
  for (std::uint32_t attempt = 1; attempt <= schedule.waits.size(); ++attempt) {
    EXPECT_EQ(next_attempt_at(schedule, attempt, kNow, {}, kMiddle), kNow + schedule.waits[attempt - 1]);
  }
  EXPECT_EQ(next_attempt_at(schedule, 10, kNow, {}, kMiddle), std::nullopt);
  EXPECT_EQ(next_attempt_at({}, 1, kNow, {}, kMiddle), std::nullopt);
}

TEST(RetrySchedule, JitterStaysWithinAFifth) {
  const RetrySchedule schedule{{10s}};
  EXPECT_EQ(next_attempt_at(schedule, 1, kNow, {}, 0.0), kNow + 8s);
  EXPECT_EQ(next_attempt_at(schedule, 1, kNow, {}, 0.25), kNow + 9s);
  const auto latest = next_attempt_at(schedule, 1, kNow, {}, 0x1.fffffffffffffp-1);
  EXPECT_LE(latest, kNow + 12s);
  EXPECT_GT(latest, kNow + 11'999ms);
}

TEST(RetrySchedule, RetryAfterIsALowerBoundOnly) {
  const RetrySchedule schedule{{10s}};
  EXPECT_EQ(next_attempt_at(schedule, 1, kNow, 3s, kMiddle), kNow + 10s);
  EXPECT_EQ(next_attempt_at(schedule, 1, kNow, 9s, 0.0), kNow + 9s);
  EXPECT_EQ(next_attempt_at(schedule, 1, kNow, 60s, kMiddle), kNow + 60s);
  EXPECT_EQ(next_attempt_at(schedule, 1, kNow, 48h, kMiddle), kNow + 24h);
  EXPECT_EQ(next_attempt_at(schedule, 2, kNow, 60s, kMiddle), std::nullopt);
}

TEST(RetrySchedule, RetryAfterIsReadAsSecondsOrDate) {
  const std::vector<std::pair<std::string_view, std::optional<Duration>>> rows = {
      {"0", 0s},
      {"120", 120s},
      {" \t120 ", 120s},
      {"0000120", 120s},
      {"86400", 24h},
      {"86401", 24h},
      {"99999999999999999999999999999999", 24h},
      {"Sun, 06 Nov 1994 08:50:37 GMT", 60s},
      {"Sunday, 06-Nov-94 08:50:37 GMT", 60s},
      {"Sun Nov  6 08:50:37 1994", 60s},
      {"Sun, 06 Nov 1994 08:49:36 GMT", 0s},
      {"Thu, 01 Jan 1970 00:00:00 GMT", 0s},
      {"Fri, 31 Dec 9999 23:59:59 GMT", 24h},
      {"", std::nullopt},
      {"   ", std::nullopt},
      {"-5", std::nullopt},
      {"+5", std::nullopt},
      {"1.5", std::nullopt},
      {"5s", std::nullopt},
      {"5 5", std::nullopt},
      {"0x10", std::nullopt},
      {"soon", std::nullopt},
      {"9999999999999999999999999999999x", std::nullopt},
      {"Sun, 06 Nov 1994 08:50:37", std::nullopt},
  };
  for (const auto& [header, expected] : rows) EXPECT_EQ(parse_retry_after(header, kNow), expected) << header;
}

TEST(RetryScheduleDeathTest, AttemptsCountFromOne) {
  EXPECT_DEATH((void)next_attempt_at({}, 0, kNow, {}, kMiddle), "count from 1");
}

}  // namespace
}  // namespace exposee
