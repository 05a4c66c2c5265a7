// Jobs the sender holds beyond those it may start, at a receiver that is fast and well.
#include "engine/lane/lane.h"
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

class RunAhead : public testing::Test {
 protected:
  static constexpr EndpointNumber kNumber{1};
  static constexpr std::uint32_t kLimit = 16;
  static constexpr std::uint32_t kMost = kLimit * (1 + engine::kAheadOfEach);
  static constexpr int kEvents = 300;

  explicit RunAhead(std::uint32_t fast_concurrency = 1024) : world_(disk_.options(1, settings(fast_concurrency))) {
    id_ = add("http://a.example/");
    publish(2 * kMost);
    world_.run(1s);  // it has answered fast, often
    forget();
  }

  EndpointId add(const std::string& url) {
    const auto added =
        world_.create({.url = *parse_url(url),
                       .patterns = {"*"},
                       .settings = {.schedule = RetrySchedule{{1min}}, .max_in_flight = kLimit}});
    return (*added)->endpoint->id;
  }
  void publish(int count, const std::string& data = "{}") {
    for (int i = 0; i < count; ++i) world_.publish_soon("user_registered", data);
  }
  void forget() {
    world_.sender.seen.clear();
    world_.acked.clear();
  }
  void flood() {
    publish(kEvents);
    world_.step();
    ASSERT_EQ(flights(), kMost) << "handed out ahead";
    ASSERT_EQ(world_.sender.in_flight[kNumber], kLimit) << "no more than may start";
  }
  // Time passes for the sender alone.
  void pass_outside(Duration span) {
    for (const auto end = world_.clock.true_now() + span; world_.clock.true_now() < end;) {
      world_.clock.advance_to(world_.clock.true_now() + 1ms);
      world_.sender.deliver_due();
    }
  }
  void set_mood(Mood mood) { world_.sender.receivers[kNumber].mood = mood; }
  std::size_t seen() const { return world_.sender.seen.size(); }
  std::size_t flights() { return world_.engine->dispatcher().flights(); }
  std::uint64_t owed() { return world_.engine->dispatcher().owed(); }

  static engine::EngineSettings settings(std::uint32_t fast_concurrency) {
    engine::EngineSettings settings;
    settings.fast_concurrency = fast_concurrency;
    return settings;
  }

  Disk disk_;
  World world_;
  EndpointId id_;
};

TEST_F(RunAhead, NeverHasMoreUnderWayThanMayBeAndDeliversInOrder) {
  flood();
  world_.run(10s);
  EXPECT_EQ(world_.sender.most_in_flight[kNumber], kLimit);
  ASSERT_EQ(seen(), static_cast<std::size_t>(kEvents));
  for (std::size_t i = 0; i < kEvents; ++i) EXPECT_EQ(world_.sender.seen[i].event, world_.acked[i].id);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(RunAhead, TheNextStartsThoughTheEngineDoesNotTakeATurn) {
  flood();
  pass_outside(20ms);
  EXPECT_EQ(seen(), kMost);
}

TEST_F(RunAhead, IsEarnedResponseByResponse) {
  for (const std::uint32_t answers : {0u, 1u, 2u, 5u, 40u}) {
    Disk disk;
    World world(disk.options(2));
    world.create(
        {.url = *parse_url("http://b.example/"), .patterns = {"*"}, .settings = {.max_in_flight = 1}});
    for (std::uint32_t i = 0; i < answers; ++i) {
      must_publish(world);
      world.run(1s);
    }
    for (int i = 0; i < 50; ++i) world.publish_soon("user_registered", "{}");
    world.step();
    EXPECT_EQ(world.engine->dispatcher().flights(), 1 + std::min(answers, engine::kAheadOfEach));
    world.run(1s);
    EXPECT_EQ(world.sender.most_in_flight[kNumber], 1u);
    EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
  }
}

TEST_F(RunAhead, ASlowResponseEndsIt) {
  set_mood(Mood::slow);
  publish(1);
  world_.run(1s);
  publish(kEvents);
  world_.step();
  EXPECT_LE(flights(), kLimit);
}

TEST_F(RunAhead, WhatWaitsBehindAReceiverThatHangsIsTakenBackSoon) {
  set_mood(Mood::hanging);
  flood();
  world_.run(200ms);
  EXPECT_EQ(flights(), kLimit);
  EXPECT_EQ(seen(), kLimit);
  EXPECT_EQ(owed(), static_cast<std::uint64_t>(kEvents));
}

TEST_F(RunAhead, AnOpenBreakerTakesBackWhatHasNotStarted) {
  set_mood(Mood::broken);
  flood();
  world_.run(1s);
  EXPECT_LT(seen(), 4 * kLimit) << "not all of them were spent on a receiver that fails";
  EXPECT_GT(world_.sender.given_back, 6 * kLimit);
  set_mood(Mood::fine);
  world_.run(1h);
  EXPECT_EQ(owed(), 0u);
  for (const auto& acked : world_.acked) {
    EXPECT_EQ(status_of(world_, acked.seq, kNumber), DeliveryStatus::succeeded);
  }
}

TEST_F(RunAhead, AReceiverThatAsksForLessGetsLessAtOnce) {
  set_mood(Mood::busy);  // 503, Retry-After: 60
  flood();
  world_.run(100ms);
  EXPECT_GT(world_.sender.given_back, 6 * kLimit);
  EXPECT_LT(seen(), 4 * kLimit);
  set_mood(Mood::fine);
  world_.run(1h);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(RunAhead, AReceiverThatIsGoneGetsNothingMore) {
  set_mood(Mood::gone);
  flood();
  pass_outside(1ms);
  world_.step();
  const auto started = seen();
  world_.run(1min);
  EXPECT_EQ(seen(), started);
  EXPECT_EQ(owed(), 0u) << "all the others are cancelled";
}

TEST_F(RunAhead, NothingStartsWhileTheStoreFails) {
  flood();
  disk_.faults.fail_next(1, ErrorCode::unavailable);
  publish(1);
  world_.engine->turn();
  ASSERT_FALSE(world_.engine->store_works());
  const auto started = seen();
  pass_outside(20ms);
  EXPECT_EQ(seen(), started);
  disk_.faults.fail_from = 0;
  world_.run(10s);
  EXPECT_EQ(owed(), 0u);
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

TEST_F(RunAhead, LargeEventsDoNotFillTheMemory) {
  std::string large(engine::kAheadBody, 'x');
  large.front() = large.back() = '"';
  publish(kEvents, large);
  world_.step();
  EXPECT_EQ(flights(), kLimit);
}

TEST_F(RunAhead, ManyThatWaitToBeTriedAgainAreAWarning) {
  for (const bool many : {false, true}) {
    set_mood(Mood::broken);
    publish(many ? engine::kUsualLimits.few_retries + 1 : 1);
    world_.run(1s);
    set_mood(Mood::fine);
    publish(2 * kMost);
    world_.run(1s);
    publish(kEvents);
    world_.step();
    EXPECT_EQ(flights(), many ? kLimit : kMost);
    world_.run(5min);
    EXPECT_EQ(owed(), 0u);
  }
}

TEST_F(RunAhead, ALimitOfTheRateOrAnOrderLetsNothingRunAhead) {
  for (const bool ordered : {true, false}) {
    engine::UpdateEndpoint change{.id = id_, .settings = setting_change(&EndpointSettings::ordered, ordered)};
    if (!ordered) change.settings.set(&EndpointSettings::rate_per_second, 100);
    world_.update(std::move(change));
    world_.run(1s);
    publish(50);
    world_.step();
    EXPECT_LE(flights(), kLimit);
    world_.run(10s);
  }
  EXPECT_EQ(owed(), 0u);
}

class RunAheadInASmallCrowd : public RunAhead {
 protected:
  RunAheadInASmallCrowd() : RunAhead(kCrowd) {}
  static constexpr std::uint32_t kCrowd = 40;
};

TEST_F(RunAheadInASmallCrowd, OneEndpointLeavesRoomForTheOthers) {
  set_mood(Mood::hanging);
  publish(kEvents);
  world_.step();
  EXPECT_EQ(flights(), kCrowd / 4 * 3);
  add("http://other.example/");
  const EndpointNumber other{2};
  publish(5);
  world_.step();
  EXPECT_EQ(world_.sender.in_flight[other], 5u) << "at once, though the first holds all it may";
}

}  // namespace
}  // namespace exposee::sim
