#include "engine/expiry_time.h"

#include <gtest/gtest.h>

#include "fakes/manual_clock.h"

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

struct ExpiryTimeTest : testing::Test {
  // Looks every ten minutes.
  void pass(Duration span) {
    for (Duration done{}; done < span; done += 10min) {
      clock.advance(10min);
      time.now();
    }
  }
  void SetUp() override { time.now(); }

  fakes::ManualClock clock;
  ExpiryTime time{clock};
};

TEST_F(ExpiryTimeTest, IsTheWallClocksAsLongAsThatIsLeftAlone) {
  pass(100h);
  EXPECT_EQ(time.now(), clock.now());
}

TEST_F(ExpiryTimeTest, DoesNotFollowAWallClockThatJumpsAheadForAWhile) {
  const auto begin = clock.now();
  pass(30h);
  clock.set_by(1000h);
  pass(23h);
  EXPECT_EQ(time.now(), begin + 53h);
  clock.set_by(-1000h);
  pass(100h);
  EXPECT_EQ(time.now(), begin + 153h);
}

TEST_F(ExpiryTimeTest, FollowsOneThatHeldForADayOrTwo) {
  pass(30h);
  clock.set_by(1000h);
  pass(48h);
  EXPECT_EQ(time.now(), clock.now());
}

TEST_F(ExpiryTimeTest, FollowsOneThatIsSetBackAtOnce) {
  pass(30h);
  clock.set_by(-5h);
  EXPECT_EQ(time.now(), clock.now());
  clock.set_by(5h);
  EXPECT_EQ(time.now(), clock.now() - 5h);
  pass(48h);
  EXPECT_EQ(time.now(), clock.now());
}

TEST_F(ExpiryTimeTest, BelievesNoJumpMoreForHavingLookedSeldom) {
  const auto begin = clock.now();
  clock.advance(100h);
  clock.set_by(1000h);
  EXPECT_EQ(time.now(), begin + 100h);
  clock.advance(23h);
  EXPECT_EQ(time.now(), begin + 123h);
}

}  // namespace
}  // namespace exposee::engine
