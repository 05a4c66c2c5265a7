#include "engine/engine_time.h"

#include <gtest/gtest.h>

#include "fakes/manual_clock.h"

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

TEST(EngineTime, IsTheWallClocks) {
  fakes::ManualClock clock;
  EngineTime time(clock);
  EXPECT_EQ(time.now(), clock.now());
  clock.advance(5s);
  EXPECT_EQ(time.now(), clock.now());
}

TEST(EngineTime, GoesOnWhenTheWallClockIsSetBack) {
  fakes::ManualClock clock;
  EngineTime time(clock);
  const auto before = time.now();
  clock.set_by(-1h);
  EXPECT_EQ(time.now(), before) << "never backwards";
  clock.advance(5s);
  EXPECT_EQ(time.now(), before + 5s) << "and never at rest";
}

TEST(EngineTime, FollowsAWallClockThatIsSetForward) {
  fakes::ManualClock clock;
  EngineTime time(clock);
  const auto before = time.now();
  clock.set_by(1h);
  EXPECT_EQ(time.now(), before + 1h);
}

TEST(EngineTime, IsTheWallClocksAgainOnceThatHasCaughtUp) {
  fakes::ManualClock clock;
  EngineTime time(clock);
  time.now();
  clock.set_by(-1h);
  clock.advance(1s);
  clock.set_by(2h);
  EXPECT_EQ(time.now(), clock.now());
}

}  // namespace
}  // namespace exposee::engine
