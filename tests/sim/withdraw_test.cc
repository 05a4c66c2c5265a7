// Jobs that wait in the sender while their endpoint changes.
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

class Withdraw : public testing::Test {
 protected:
  Withdraw() {
    const auto added = world_.add_endpoint("http://a.example/", {"user_registered", "user_send_message"},
                                           RetrySchedule{{1min}});
    id_ = (*added)->endpoint->id;
  }

  void set_mood(Mood mood) { world_.sender.receivers[kNumber].mood = mood; }
  void change() {
    world_.update({.id = id_, .settings = setting_change(&EndpointSettings::description, "another")});
  }
  DeliveryRow row_of(const engine::Published& published) {
    return *world_.find_delivery({published.seq, kNumber});
  }
  const engine::Dispatcher& dispatcher() { return world_.engine->dispatcher(); }

  static constexpr EndpointNumber kNumber{1};
  Disk disk_;
  World world_{disk_.options(1)};
  EndpointId id_;
};

TEST_F(Withdraw, WhatIsUnregisteredDoesNotStartAndTheRestDoes) {
  world_.sender.longest_wait = 10s;
  const auto lost = must_publish(world_, "user_registered"), kept = must_publish(world_, "user_send_message");
  ASSERT_TRUE(*world_.unregister("user_registered", "http://a.example/"));
  world_.run(30s);
  ASSERT_EQ(world_.sender.seen.size(), 1u);
  EXPECT_EQ(world_.sender.seen[0].event, kept.id);
  EXPECT_EQ(world_.sender.given_back, 2u);
  EXPECT_EQ(row_of(lost).status, DeliveryStatus::cancelled);
  EXPECT_EQ(row_of(lost).attempts, 0u) << "what never started is no attempt";
  EXPECT_EQ(row_of(kept).status, DeliveryStatus::succeeded);
  EXPECT_EQ(dispatcher().owed(), 0u);
}

TEST_F(Withdraw, NothingStartsAfterRemovingOrDisabling) {
  for (const bool removing : {true, false}) {
    Disk disk;
    World world(disk.options(2));
    const auto id = (*world.add_endpoint("http://a.example/", {"*"}))->endpoint->id;
    world.sender.longest_wait = 10s;
    const auto published = must_publish(world);
    if (removing) {
      world.remove(id);
    } else {
      world.update({.id = id, .disabled = true});
    }
    world.run(30s);
    EXPECT_TRUE(world.sender.seen.empty());
    EXPECT_EQ(status_of(world, published.seq, kNumber), DeliveryStatus::cancelled);
    EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
  }
}

TEST_F(Withdraw, WhatIsStillOwedIsSentOnceAndInOrder) {
  for (int i = 0; i < 3; ++i) must_publish(world_);
  world_.run(1s);
  world_.update({.id = id_, .settings = setting_change(&EndpointSettings::ordered, true)});
  world_.sender.seen.clear();
  world_.sender.longest_wait = 1s;
  for (int i = 0; i < 20; ++i) world_.publish_soon("user_registered", "{}");
  for (int i = 0; i < 40; ++i) {
    world_.run(300ms);
    change();
  }
  world_.run(1min);
  EXPECT_GT(world_.sender.given_back, 0u);
  ASSERT_EQ(world_.sender.seen.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(world_.sender.seen[i].event, world_.acked[i].id);
    EXPECT_EQ(world_.sender.seen[i].attempt, 1u);
  }
}

TEST_F(Withdraw, APauseKeepsWhatHasNotStarted) {
  world_.sender.longest_wait = 1s;
  for (int i = 0; i < 10; ++i) world_.publish_soon("user_registered", "{}");
  world_.step();
  world_.update({.id = id_, .settings = pausing(true)});
  world_.run(1h);
  EXPECT_TRUE(world_.sender.seen.empty());
  EXPECT_EQ(dispatcher().owed(), 10u);
  world_.update({.id = id_, .settings = pausing(false)});
  world_.run(10s);
  EXPECT_EQ(world_.sender.seen.size(), 10u);
  EXPECT_EQ(dispatcher().owed(), 0u);
}

TEST_F(Withdraw, ARetryThatComesBackIsStillTheSameAttempt) {
  set_mood(Mood::broken);
  const auto published = must_publish(world_);
  world_.run(10s);
  world_.sender.longest_wait = 1h;
  world_.run(2min);
  change();
  world_.run(2h);
  ASSERT_EQ(world_.sender.seen.size(), 2u);
  EXPECT_GE(world_.sender.given_back, 1u);
  EXPECT_EQ(world_.sender.seen[1].attempt, 2u);
  EXPECT_EQ(row_of(published).status, DeliveryStatus::exhausted);
}

TEST_F(Withdraw, AStopWhoseLastAttemptNeverStartedStillWritesHowFarItCame) {
  world_.sender.longest_wait = 10s;
  world_.run(2s);
  const auto last = must_publish(world_);
  world_.engine->request_stop(1min);
  world_.put(engine::UpdateEndpoint{.id = id_, .disabled = true});
  world_.run(30s);
  ASSERT_TRUE(world_.engine->stopped());
  EXPECT_TRUE(world_.sender.seen.empty());
  EXPECT_EQ(world_.store->load_start()->checkpoint(EndpointNumber{1}), last.seq);
}

TEST_F(Withdraw, AProbeThatComesBackMakesRoomForAnother) {
  set_mood(Mood::refusing);
  for (int i = 0; i < 40; ++i) world_.publish_soon("user_registered", "{}");
  world_.run(2s);
  ASSERT_EQ(dispatcher().breaker(kNumber), BreakerState::open);
  set_mood(Mood::fine);
  world_.sender.longest_wait = 1min;
  world_.run(8s);
  ASSERT_EQ(dispatcher().breaker(kNumber), BreakerState::half_open);
  ASSERT_EQ(dispatcher().flights(), 1u);
  change();
  world_.run(3h);
  EXPECT_EQ(world_.sender.given_back, 1u);
  EXPECT_EQ(dispatcher().breaker(kNumber), BreakerState::closed);
  EXPECT_EQ(dispatcher().flights(), 0u);
  EXPECT_EQ(dispatcher().owed(), 0u);
}

}  // namespace
}  // namespace exposee::sim
