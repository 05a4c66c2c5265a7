#include "core/circuit_breaker.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

using namespace std::chrono_literals;

const Instant kStart = from_micros(1'700'000'000'000'000);
constexpr double kNoJitter = 0.5;

CircuitBreaker tripped() {
  CircuitBreaker breaker;
  for (std::uint32_t i = 0; i < kBreakerFailures; ++i) breaker.failed(kStart, kNoJitter);
  return breaker;
}

TEST(CircuitBreaker, OpensAfterSoManyFailuresInARow) {
  CircuitBreaker breaker;
  for (std::uint32_t i = 1; i < kBreakerFailures; ++i) breaker.failed(kStart, kNoJitter);
  EXPECT_TRUE(breaker.allows(kStart));
  breaker.failed(kStart, kNoJitter);
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_FALSE(breaker.allows(kStart));
}

TEST(CircuitBreaker, OpensOnTheRateOfFailuresOverAWindow) {
  CircuitBreaker breaker;
  for (std::uint32_t i = 0; i < kBreakerWindow && breaker.state() == BreakerState::closed; ++i) {
    i % 5 == 0 ? breaker.succeeded() : breaker.failed(kStart, kNoJitter);
  }
  EXPECT_EQ(breaker.state(), BreakerState::open) << "four in five failed, never twenty in a row";
}

TEST(CircuitBreaker, ASuccessNowAndThenKeepsItClosed) {
  CircuitBreaker breaker;
  for (int i = 0; i < 1000; ++i) i % 2 == 0 ? breaker.succeeded() : breaker.failed(kStart, kNoJitter);
  EXPECT_EQ(breaker.state(), BreakerState::closed);
}

TEST(CircuitBreaker, LetsExactlyOneProbeGoWhenItsTimeHasCome) {
  auto breaker = tripped();
  EXPECT_FALSE(breaker.allows(kStart + kBreakerFirstWait - 1us));
  ASSERT_TRUE(breaker.allows(kStart + kBreakerFirstWait));
  breaker.begin();
  EXPECT_EQ(breaker.state(), BreakerState::half_open);
  EXPECT_FALSE(breaker.allows(kStart + 24h)) << "one probe at a time";
}

TEST(CircuitBreaker, AGoodProbeClosesIt) {
  auto breaker = tripped();
  breaker.begin();
  breaker.succeeded();
  EXPECT_EQ(breaker.state(), BreakerState::closed);
}

TEST(CircuitBreaker, EveryBadProbeDoublesTheWaitUpToTheLongest) {
  auto breaker = tripped();
  auto now = kStart;
  auto wait = kBreakerFirstWait;
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(breaker.probe_at() - now, wait);
    now = breaker.probe_at();
    breaker.begin();
    breaker.failed(now, kNoJitter);
    wait = std::min(wait * 2, kBreakerLongestWait);
  }
}

TEST(CircuitBreaker, JitterSpreadsTheProbesOfManyEndpoints) {
  CircuitBreaker early, late;
  for (std::uint32_t i = 0; i < kBreakerFailures; ++i) {
    early.failed(kStart, 0.0);
    late.failed(kStart, 0.999);
  }
  EXPECT_EQ(early.probe_at() - kStart, kBreakerFirstWait * 8 / 10);
  EXPECT_GT(late.probe_at() - early.probe_at(), kBreakerFirstWait / 3);
}

TEST(CircuitBreaker, ALateSuccessOfAnEarlierAttemptClosesItToo) {
  auto breaker = tripped();
  breaker.succeeded();
  EXPECT_EQ(breaker.state(), BreakerState::closed);
}

TEST(CircuitBreaker, AProbeByHandGoesAtOnceAndWhenItFailsMovesNoDate) {
  auto breaker = tripped();
  const auto due = breaker.probe_at();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(breaker.allows_by_hand());
    breaker.begin(true);
    EXPECT_FALSE(breaker.allows_by_hand()) << "right after the one that is under way";
    breaker.failed(kStart + 1s, kNoJitter);
    EXPECT_EQ(breaker.state(), BreakerState::open);
    EXPECT_EQ(breaker.probe_at(), due);
  }
  breaker.begin();
  breaker.failed(due, kNoJitter);
  EXPECT_EQ(breaker.probe_at() - due, 2 * kBreakerFirstWait) << "its own probes wait as ever";
}

TEST(CircuitBreaker, AProbeByHandThatNeverStartedLeavesItOpen) {
  auto breaker = tripped();
  breaker.begin(true);
  breaker.abandon();
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_FALSE(breaker.allows(kStart));
}

TEST(CircuitBreaker, AskedAtOnceItLetsOneProbeGo) {
  auto breaker = tripped();
  breaker.ask_at_once();
  ASSERT_TRUE(breaker.allows(kStart));
  breaker.begin();
  EXPECT_FALSE(breaker.allows(kStart));
  breaker.failed(kStart, kNoJitter);
  EXPECT_EQ(breaker.state(), BreakerState::open);
}

TEST(CircuitBreaker, AProbeThatIsAskedToComeLaterCountsNoFailure) {
  auto breaker = tripped();
  breaker.begin();
  breaker.put_off(kStart + 30min);
  EXPECT_EQ(breaker.state(), BreakerState::open);
  EXPECT_EQ(breaker.probe_at(), kStart + 30min);
  breaker.begin();
  breaker.failed(kStart + 30min, kNoJitter);
  EXPECT_EQ(breaker.probe_at() - (kStart + 30min), 2 * kBreakerFirstWait) << "the first that failed";
  CircuitBreaker closed;
  closed.put_off(kStart + 30min);
  EXPECT_TRUE(closed.allows(kStart));
}

}  // namespace
}  // namespace exposee
