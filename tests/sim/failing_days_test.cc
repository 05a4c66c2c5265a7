// Promise D9 in virtual time: an endpoint that fails for five days is disabled, and nothing else that looks
// like five days disables anybody.
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

class FailingDaysStory : public ::testing::Test {
 protected:
  FailingDaysStory() {
    world_.add_endpoint("http://dead.example/", {"*"}, RetrySchedule{{1min, 5min}});
    world_.sender.receivers[kDead].mood = Mood::broken;
  }

  bool is_disabled() { return world_.observer.disabled.contains(kDead); }
  // An event every `step`, until the endpoint is disabled or the time is over; how long that took.
  Duration fail_for(Duration span, Duration step = 1h) {
    const auto began = world_.clock.true_now();
    while (!is_disabled() && world_.clock.true_now() - began < span) {
      must_publish(world_);
      world_.run(step);
    }
    return world_.clock.true_now() - began;
  }

  static constexpr EndpointNumber kDead{1};
  Disk disk_;
  World world_{disk_.options(1)};
};

TEST_F(FailingDaysStory, FiveDaysOfFailuresDisable) {
  const auto took = fail_for(10 * 24h);
  EXPECT_TRUE(is_disabled());
  EXPECT_GE(took, 5 * 24h);
  EXPECT_LE(took, 5 * 24h + 6h);
}

TEST_F(FailingDaysStory, RestartsDoNotBeginAnew) {
  Duration took{};
  for (int n = 0; n < 20 && !is_disabled(); ++n) {
    took += fail_for(17h);
    n % 2 ? world_.crash() : world_.stop_and_restart();
  }
  EXPECT_TRUE(is_disabled());
  EXPECT_GE(took, 5 * 24h);
  EXPECT_LE(took, 6 * 24h + 12h) << "each restart may forget an hour";
}

TEST_F(FailingDaysStory, AClockThatJumpsAndSleepDisableNobody) {
  fail_for(2h);
  world_.clock.set_wrong_by(30 * 24h);
  fail_for(2h);
  EXPECT_FALSE(is_disabled());
}

TEST_F(FailingDaysStory, ALongStopDisablesNobody) {
  fail_for(2h);
  world_.stop_and_restart();
  world_.clock.set_wrong_by(20 * 24h);  // that passed meanwhile, on the wall
  world_.crash();
  fail_for(2h);
  EXPECT_FALSE(is_disabled());
}

TEST_F(FailingDaysStory, RareEventsDisableNobodySoon) {
  fail_for(4 * 7 * 24h, 7 * 24h);
  EXPECT_FALSE(is_disabled()) << "four failures in four weeks";
}

TEST_F(FailingDaysStory, ASuccessBeginsAnew) {
  fail_for(4 * 24h);
  world_.sender.receivers[kDead].mood = Mood::fine;
  world_.run(2h);
  must_publish(world_);
  world_.run(1h);
  world_.sender.receivers[kDead].mood = Mood::broken;
  fail_for(4 * 24h);
  EXPECT_FALSE(is_disabled());
}

}  // namespace
}  // namespace exposee::sim
