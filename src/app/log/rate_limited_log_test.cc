#include "app/log/rate_limited_log.h"

#include <gtest/gtest.h>

namespace exposee::app {
namespace {

using namespace std::chrono_literals;

TEST(RateLimitedLog, TheFirstIsToldAtOnceAndThenOneAnIntervalWithTheirNumber) {
  RateLimitedLog limited(10s);
  const Instant begin = from_micros(1'746'590'590'000'000);
  EXPECT_EQ(limited.due(begin), 1u);
  for (int second = 1; second < 10; ++second)
    EXPECT_EQ(limited.due(begin + std::chrono::seconds(second)), std::nullopt);
  EXPECT_EQ(limited.due(begin + 10s), 10u);
  EXPECT_EQ(limited.due(begin + 11s), std::nullopt);
}

TEST(RateLimitedLog, AClockThatWasSetBackSilencesNothing) {
  RateLimitedLog limited(10s);
  const Instant begin = from_micros(1'746'590'590'000'000);
  EXPECT_EQ(limited.due(begin), 1u);
  EXPECT_EQ(limited.due(begin - 1h), 1u);
}

}  // namespace
}  // namespace exposee::app
