// Attempts that somebody asks for: at once, and beside the schedule (D11).
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;
using engine::Refusal;

constexpr EndpointNumber kFirst{1};

// One endpoint of which a test says how its receiver is.
class ByHand : public testing::Test {
 protected:
  void add(RetrySchedule schedule) {
    id = (*world.add_endpoint("http://a.example/", {"*"}, schedule))->endpoint->id;
  }
  void be(Mood mood) { world.sender.receivers[kFirst].mood = mood; }
  DeliveryKey fail_one() {
    const DeliveryKey key{must_publish(world).seq, kFirst};
    world.run(100ms);
    return key;
  }
  // Twenty failures open the breaker; the last delivery.
  DeliveryKey open_breaker() {
    DeliveryKey key;
    for (int i = 0; i < 20; ++i) key = fail_one();
    EXPECT_EQ(world.engine->dispatcher().breaker(kFirst), BreakerState::open);
    return key;
  }
  Refusal refusal(const DeliveryKey& key) { return world.retry(key)->error().why; }
  std::size_t seen() const { return world.sender.seen.size(); }

  Disk disk;
  World world{disk.options(31, settings())};
  EndpointId id;

 private:
  static engine::EngineSettings settings() {
    engine::EngineSettings settings;
    settings.max_retries_by_hand = 3;
    return settings;
  }
};

TEST_F(ByHand, ThreeRetriesUseUpNothingOfTheScheduleAndMoveNoDate) {
  add({{60s, 60s}});
  be(Mood::broken);
  const auto key = fail_one();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(*world.retry(key));
    world.run(1s);
    EXPECT_EQ(seen(), 2u + i) << "at once";
    EXPECT_EQ(status_of(world, key.event, kFirst), DeliveryStatus::pending);
  }
  world.run(1h);
  ASSERT_EQ(seen(), 6u) << "three by schedule, three by hand";
  EXPECT_EQ(status_of(world, key.event, kFirst), DeliveryStatus::exhausted);
  const auto& posts = world.sender.seen;
  EXPECT_GE(posts[4].at - posts[0].at, 48s);
  EXPECT_LE(posts[4].at - posts[0].at, 73s) << "where the first attempt had put it";
  EXPECT_GE(posts[5].at - posts[4].at, 48s);
  EXPECT_EQ(posts[5].attempt, 6u);
}

TEST_F(ByHand, AskedForTwiceBeforeItStartsItIsMadeOnce) {
  add({{1h}});
  be(Mood::broken);
  const auto key = fail_one();
  world.put(engine::RetryDelivery{.key = key});
  world.put(engine::RetryDelivery{.key = key});
  world.run(10s);
  EXPECT_EQ(seen(), 2u);
  EXPECT_EQ(world.find_delivery(key)->by_hand, 1u);
}

TEST_F(ByHand, WhileTheBreakerIsOpenItIsTheProbeAndASuccessLetsAllFollow) {
  add({{1h}});
  be(Mood::refusing);
  const auto key = open_breaker();
  be(Mood::fine);
  ASSERT_TRUE(*world.retry(key));
  world.run(100ms);
  EXPECT_EQ(status_of(world, key.event, kFirst), DeliveryStatus::succeeded);
  EXPECT_EQ(world.engine->dispatcher().breaker(kFirst), BreakerState::closed);
  world.run(5s);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u) << "what waited for it was brought forward";
}

TEST_F(ByHand, AFailingProbeByHandDelaysNoOther) {
  add({{1h}});
  be(Mood::refusing);
  const auto key = open_breaker();
  world.run(6s);  // the first probe of its own: nothing is due
  be(Mood::fine);
  const auto fresh = must_publish(world);
  world.run(1s);
  EXPECT_EQ(status_of(world, fresh.seq, kFirst), DeliveryStatus::succeeded);
  EXPECT_EQ(status_of(world, key.event, kFirst), DeliveryStatus::succeeded);
}

TEST_F(ByHand, WhileAProbeIsUnderWayItComesRightAfterIt) {
  add({{1h}});
  be(Mood::refusing);
  const auto key = open_breaker();
  be(Mood::hanging);
  const auto fresh = must_publish(world);  // the next probe, for 15 s
  world.run(7s);
  ASSERT_EQ(seen(), 21u);
  ASSERT_TRUE(*world.retry(key));
  world.run(5s);
  EXPECT_EQ(seen(), 21u);
  be(Mood::fine);
  world.run(10s);
  ASSERT_GE(seen(), 22u);
  EXPECT_EQ(world.sender.seen[21].event, world.sender.seen[19].event) << "the last that had failed";
  EXPECT_EQ(status_of(world, fresh.seq, kFirst), DeliveryStatus::succeeded);
}

TEST_F(ByHand, OneThatWasNeverAttemptedIsAttemptedNowAndOwedOnce) {
  add({{1h}});
  be(Mood::refusing);
  open_breaker();
  const auto fresh = must_publish(world);
  be(Mood::fine);
  ASSERT_TRUE(*world.retry({fresh.seq, kFirst}));
  world.run(10ms);
  ASSERT_GE(seen(), 21u);
  EXPECT_EQ(world.sender.seen[20].event, fresh.id);
  EXPECT_EQ(world.sender.seen[20].attempt, 1u);
  world.run(10s);
  EXPECT_EQ(std::ranges::count(world.sender.seen, fresh.id, &Seen::event), 1);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

TEST_F(ByHand, WhatWasAskedForBeforeACrashGoesOutFirstAfterIt) {
  add({{1h}});
  be(Mood::refusing);
  const auto key = open_breaker();
  for (int i = 0; i < 600; ++i) world.publish_soon("user_registered", "{}");
  world.step();
  world.put(engine::RetryDelivery{.key = key});
  world.engine->hold_attempts();
  world.step();
  world.crash();
  be(Mood::fine);
  world.step();
  world.run(1ms);
  const auto& posts = world.sender.seen;
  ASSERT_GE(posts.size(), 28u);
  const auto first =
      std::ranges::count(posts.begin() + 20, posts.begin() + 28, posts[19].event, &Seen::event);
  EXPECT_EQ(first, 1) << "not behind 600 others";
  world.run(10s);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

TEST_F(ByHand, SoOftenAtMostForOneDeliveryAlsoAfterARestart) {
  add({{1s}});
  be(Mood::broken);
  const auto key = fail_one();
  world.run(10s);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(*world.retry(key)) << i;
    world.run(10s);
  }
  EXPECT_EQ(refusal(key), Refusal::too_many_retries);
  world.crash();
  EXPECT_EQ(refusal(key), Refusal::too_many_retries);
  world.run(1h);
  EXPECT_EQ(seen(), 8u) << "each began the schedule again";
}

TEST_F(ByHand, AnEndpointThatTakesNothingNowRefusesAndSaysWhy) {
  add({{1h}});
  be(Mood::broken);
  const auto key = fail_one();
  world.update({.id = id, .settings = pausing(true)});
  EXPECT_EQ(refusal(key), Refusal::endpoint_paused);
  world.update({.id = id, .settings = pausing(false), .disabled = true});
  EXPECT_EQ(refusal(key), Refusal::endpoint_disabled);
  world.remove(id);
  EXPECT_EQ(refusal(key), Refusal::endpoint_removed);
}

TEST_F(ByHand, APausedEndpointThatGoesOnProbesAtOnce) {
  add({{1h}});
  be(Mood::refusing);
  open_breaker();
  world.run(1h);  // probes have failed, the next is minutes away
  const auto fresh = must_publish(world);
  be(Mood::fine);
  world.run(1s);
  const auto before = seen();
  world.update({.id = id, .settings = pausing(true)});
  world.update({.id = id, .settings = pausing(false)});
  world.run(100ms);
  EXPECT_GT(seen(), before);
  EXPECT_EQ(status_of(world, fresh.seq, kFirst), DeliveryStatus::succeeded);
}

TEST_F(ByHand, ATestThatSucceedsClosesTheBreaker) {
  add({{1h}});
  be(Mood::refusing);
  open_breaker();
  be(Mood::fine);
  world.test_succeeds(kFirst);
  EXPECT_EQ(world.engine->dispatcher().breaker(kFirst), BreakerState::closed);
  EXPECT_EQ(world.observer.breakers, "oc");
  world.run(5s);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

}  // namespace
}  // namespace exposee::sim
