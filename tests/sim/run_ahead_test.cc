// Jobs the sender holds beyond those it may start, at a receiver that is fast and well.
#include "sim/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

class RunAhead : public testing::Test {
 protected:
  static constexpr EndpointNumber kNumber{1};
  static constexpr std::uint32_t kLimit = 4;
  static constexpr int kEvents = 300;

  RunAhead() {
    const auto added = world_.create({.url = *parse_url("http://a.example/"),
                                      .patterns = {"*"},
                                      .schedule = RetrySchedule{{1min}},
                                      .max_in_flight = kLimit});
    id_ = (*added)->endpoint->id;
    must_publish(world_);
    world_.run(1s);  // it has answered fast
    world_.sender.seen.clear();
  }

  void flood() {
    for (int i = 0; i < kEvents; ++i) world_.publish_soon("user_registered", "{}");
    world_.step();
    ASSERT_GT(world_.engine->dispatcher().flights(), 10 * kLimit) << "handed out ahead";
    ASSERT_EQ(world_.sender.in_flight[kNumber], kLimit) << "no more than may start";
  }
  void set_mood(Mood mood) { world_.sender.receivers[kNumber].mood = mood; }
  std::size_t seen() const { return world_.sender.seen.size(); }

  static engine::EngineSettings settings() {
    engine::EngineSettings settings;
    settings.max_in_flight_per_endpoint = kLimit;
    return settings;
  }

  Disk disk_;
  World world_{disk_.options(1, settings())};
  EndpointId id_;
};

TEST_F(RunAhead, NeverHasMoreUnderWayThanMayBeAndDeliversInOrder) {
  flood();
  world_.run(10s);
  EXPECT_EQ(world_.sender.most_in_flight[kNumber], kLimit);
  ASSERT_EQ(seen(), static_cast<std::size_t>(kEvents));
  for (std::size_t i = 0; i < kEvents; ++i) EXPECT_EQ(world_.sender.seen[i].event, world_.acked[i].id);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

TEST_F(RunAhead, TheNextStartsThoughTheEngineDoesNotTakeATurn) {
  flood();
  for (int i = 0; i < 20; ++i) {
    world_.clock.advance_to(world_.clock.true_now() + 1ms);
    world_.sender.deliver_due();
  }
  EXPECT_GE(seen(), 10 * kLimit);
}

TEST_F(RunAhead, AnOpenBreakerTakesBackWhatHasNotStarted) {
  set_mood(Mood::broken);
  flood();
  world_.run(1s);
  EXPECT_LT(seen(), 50u) << "not all of them were spent on a receiver that fails";
  EXPECT_GT(world_.sender.given_back, 200u);
  set_mood(Mood::fine);
  world_.run(1h);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
  for (const auto& acked : world_.acked) {
    EXPECT_EQ(status_of(world_, acked.seq, kNumber), DeliveryStatus::succeeded);
  }
}

TEST_F(RunAhead, AReceiverThatAsksForLessGetsLessAtOnce) {
  set_mood(Mood::busy);  // 503, Retry-After: 60
  flood();
  world_.run(100ms);
  EXPECT_GT(world_.sender.given_back, 200u);
  EXPECT_LT(seen(), 50u);
  set_mood(Mood::fine);
  world_.run(1h);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

TEST_F(RunAhead, AStopWaitsOnlyForWhatIsUnderWay) {
  flood();
  world_.engine->request_stop(20s);
  world_.step();
  const auto started = seen();
  for (int i = 0; i < 100 && !world_.engine->stopped(); ++i) world_.run(1ms);
  EXPECT_TRUE(world_.engine->stopped());
  EXPECT_LE(seen(), started + kLimit);
  world_.stop_and_restart();
  world_.run(10s);
  EXPECT_EQ(seen(), static_cast<std::size_t>(kEvents)) << "each once, the rest after the start";
}

TEST_F(RunAhead, ALimitOfTheRateOrAnOrderLetsNothingRunAhead) {
  for (const bool ordered : {true, false}) {
    engine::UpdateEndpoint change{.id = id_, .ordered = ordered};
    if (!ordered) change.rate_per_second = 100;
    world_.update(std::move(change));
    world_.run(1s);
    for (int i = 0; i < 50; ++i) world_.publish_soon("user_registered", "{}");
    world_.step();
    EXPECT_LE(world_.engine->dispatcher().flights(), kLimit);
    world_.run(10s);
  }
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

}  // namespace
}  // namespace exposee::sim
