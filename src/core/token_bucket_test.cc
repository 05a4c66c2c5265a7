#include "core/token_bucket.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

using namespace std::chrono_literals;

const Instant kStart = from_micros(1'700'000'000'000'000);

int taken_within(TokenBucket& bucket, Instant from, Duration span, Duration step) {
  int taken = 0;
  for (auto t = from; t < from + span; t += step) taken += bucket.take(t);
  return taken;
}

TEST(TokenBucket, WithoutARateEverythingMayGo) {
  TokenBucket bucket;
  EXPECT_EQ(taken_within(bucket, kStart, 1s, 1ms), 1000);
}

TEST(TokenBucket, KeepsTheRateOverTime) {
  for (const std::uint32_t rate : {1u, 7u, 100u, 999u}) {
    TokenBucket bucket;
    bucket.set_rate(rate, kStart);
    const int taken = taken_within(bucket, kStart, 10s, 100us);
    EXPECT_GE(taken, static_cast<int>(rate * 10) - 1) << rate;
    EXPECT_LE(taken, static_cast<int>(rate * 10) + 1) << rate;
  }
}

TEST(TokenBucket, SavesUpNoMoreThanOneSecond) {
  TokenBucket bucket;
  bucket.set_rate(10, kStart);
  EXPECT_EQ(taken_within(bucket, kStart + 1h, 1ms, 10us), 10);
}

TEST(TokenBucket, SaysWhenTheNextMayGo) {
  TokenBucket bucket;
  bucket.set_rate(4, kStart);
  EXPECT_TRUE(bucket.take(kStart));
  EXPECT_FALSE(bucket.take(kStart));
  EXPECT_EQ(bucket.ready_at(), kStart + 250ms);
  EXPECT_FALSE(bucket.take(kStart + 249ms));
  EXPECT_TRUE(bucket.take(kStart + 250ms));
}

TEST(TokenBucket, AClockThatStepsBackGivesNothing) {
  TokenBucket bucket;
  bucket.set_rate(1, kStart);
  EXPECT_TRUE(bucket.take(kStart));
  EXPECT_FALSE(bucket.take(kStart - 1h));
}

}  // namespace
}  // namespace exposee
