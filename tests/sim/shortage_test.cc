// Attempts that cannot begin, for want of something on this machine.
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

class Shortage : public testing::Test {
 protected:
  Shortage() { world_.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1min}}); }

  const engine::Dispatcher& dispatcher() { return world_.engine->dispatcher(); }

  static constexpr EndpointNumber kNumber{1};
  Disk disk_;
  World world_{disk_.options(1)};
};

TEST_F(Shortage, CostsNoAttemptNoScheduleAndNoBreaker) {
  world_.sender.lacks_room = true;
  std::vector<engine::Published> published;
  for (int i = 0; i < 40; ++i) published.push_back(must_publish(world_));
  world_.run(24h);
  EXPECT_TRUE(world_.sender.seen.empty());
  EXPECT_EQ(world_.observer.breakers, "");
  EXPECT_EQ(dispatcher().owed(), 40u);
  EXPECT_FALSE(dispatcher().failing_since(kNumber));

  world_.sender.lacks_room = false;
  world_.run(10s);
  EXPECT_EQ(world_.sender.seen.size(), 40u);
  for (const auto& seen : world_.sender.seen) EXPECT_EQ(seen.attempt, 1u);
  for (const auto& each : published) {
    EXPECT_EQ(status_of(world_, each.seq, kNumber), DeliveryStatus::succeeded);
  }
}

TEST_F(Shortage, IsNotAskedAboutMoreThanAFewTimesASecond) {
  world_.sender.lacks_room = true;
  must_publish(world_);
  world_.run(60s);
  EXPECT_GT(world_.observer.not_begun, 5);
  EXPECT_LT(world_.observer.not_begun, 25);
}

TEST_F(Shortage, ARetryThatCannotBeginKeepsItsNumber) {
  world_.sender.receivers[kNumber].mood = Mood::broken;
  const auto published = must_publish(world_);
  world_.run(10s);
  ASSERT_EQ(world_.sender.seen.size(), 1u);
  world_.sender.lacks_room = true;
  world_.run(10min);
  world_.sender.lacks_room = false;
  world_.sender.receivers[kNumber].mood = Mood::fine;
  world_.run(10s);
  ASSERT_EQ(world_.sender.seen.size(), 2u);
  EXPECT_EQ(world_.sender.seen[1].attempt, 2u);
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::succeeded);
}

}  // namespace
}  // namespace exposee::sim
