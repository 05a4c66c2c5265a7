// A receiver's Retry-After with 429 or 503 (D5): its endpoint is left alone.
#include <gtest/gtest.h>

#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

constexpr EndpointNumber kFirst{1};

class Hold : public testing::Test {
 protected:
  Hold() {
    id = (*world.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1s, 1s, 1s}}))->endpoint->id;
  }
  void be(Mood mood) { world.sender.receivers[kFirst].mood = mood; }
  // The first event is answered 503 with Retry-After: 60.
  EventSeq get_held() {
    be(Mood::busy);
    const auto event = must_publish(world).seq;
    world.run(100ms);
    return event;
  }
  std::size_t seen() const { return world.sender.seen.size(); }

  Disk disk;
  World world{disk.options(41)};
  EndpointId id;
};

TEST_F(Hold, NothingIsSentBeforeItIsOverNeitherNewEventsNorProbes) {
  get_held();
  be(Mood::fine);
  for (int i = 0; i < 59; ++i) {
    must_publish(world);
    world.run(1s);
  }
  EXPECT_EQ(seen(), 1u);
  world.run(3s);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
  EXPECT_EQ(world.observer.breakers, "");
}

TEST_F(Hold, SurvivesARestart) {
  get_held();
  be(Mood::fine);
  must_publish(world);
  world.crash();
  world.run(50s);
  EXPECT_EQ(seen(), 1u);
  world.stop_and_restart();
  world.run(5s);
  EXPECT_EQ(seen(), 1u);
  world.run(10s);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

TEST_F(Hold, AClockSetBackBeforeAStartHoldsNobodyForLongerThanAnyHold) {
  get_held();
  be(Mood::fine);
  world.engine->request_stop(1s);
  world.clock.set_wrong_by(-24h);
  world.crash();
  must_publish(world);
  world.run(61min);
  EXPECT_GE(seen(), 2u);
}

TEST_F(Hold, ByHandGoesThroughAndEndsItForNobodyElse) {
  const auto event = get_held();
  be(Mood::fine);
  must_publish(world);
  ASSERT_TRUE(*world.retry({event, kFirst}));
  world.run(1s);
  EXPECT_EQ(status_of(world, event, kFirst), DeliveryStatus::succeeded);
  world.run(50s);
  EXPECT_EQ(seen(), 2u);
}

TEST_F(Hold, SayingGoOnEndsItAlsoAfterARestart) {
  get_held();
  be(Mood::fine);
  const auto fresh = must_publish(world).seq;
  world.update({.id = id, .settings = pausing(false)});
  world.run(1s);
  EXPECT_EQ(status_of(world, fresh, kFirst), DeliveryStatus::succeeded);
  world.crash();
  const auto next = must_publish(world).seq;
  world.run(1s);
  EXPECT_EQ(status_of(world, next, kFirst), DeliveryStatus::succeeded);
}

TEST_F(Hold, OfADayHoldsTheEndpointForAnHourAndItsDeliveryForAllOfIt) {
  be(Mood::busy_for_a_day);
  const auto held = must_publish(world).seq;
  world.run(1s);
  be(Mood::fine);
  const auto other = must_publish(world).seq;
  world.run(59min);
  EXPECT_EQ(seen(), 1u);
  world.run(2min);
  EXPECT_EQ(status_of(world, other, kFirst), DeliveryStatus::succeeded);
  EXPECT_EQ(status_of(world, held, kFirst), DeliveryStatus::pending) << "nor does that success hurry it";
  world.run(22h + 50min);
  EXPECT_EQ(status_of(world, held, kFirst), DeliveryStatus::pending);
  world.run(30min);
  EXPECT_EQ(status_of(world, held, kFirst), DeliveryStatus::succeeded);
}

TEST_F(Hold, IsToldOnceAsItBeginsAndOnceItIsOver) {
  world.sender.receivers[kFirst].mood = Mood::busy;
  for (int i = 0; i < 40; ++i) must_publish(world);  // several are under way, and each answer makes it longer
  world.run(100ms);
  EXPECT_EQ(world.observer.holds, "h");
  be(Mood::fine);
  world.run(50s);
  EXPECT_EQ(world.observer.holds, "h");
  world.run(15s);
  EXPECT_EQ(world.observer.holds, "hg");
}

TEST_F(Hold, ThatSomebodyEndsIsOverAtOnceAndOneOfADisabledEndpointIsNotTold) {
  get_held();
  world.update({.id = id, .settings = pausing(false)});
  EXPECT_EQ(world.observer.holds, "hg");
  must_publish(world);
  world.run(3s);
  EXPECT_EQ(world.observer.holds, "hgh") << "the receiver is still busy";
  world.update({.id = id, .disabled = true});
  world.run(65s);
  EXPECT_EQ(world.observer.holds, "hgh");
}

TEST_F(Hold, ThatARestartFindsIsToldWhenItIsOver) {
  get_held();
  be(Mood::fine);
  world.stop_and_restart();
  world.observer.holds.clear();
  world.run(65s);
  EXPECT_EQ(world.observer.holds, "g");
}

TEST_F(Hold, IsNoLongerThanItsEndpointAllows) {
  world.update({.id = id, .settings = setting_change(&EndpointSettings::max_retry_after, 10s)});
  const auto held = get_held();
  be(Mood::fine);
  const auto other = must_publish(world).seq;
  world.run(9s);
  EXPECT_EQ(seen(), 1u);
  world.run(2s);
  EXPECT_EQ(status_of(world, held, kFirst), DeliveryStatus::succeeded);
  EXPECT_EQ(status_of(world, other, kFirst), DeliveryStatus::succeeded);
}

TEST_F(Hold, NeverBeginsAtAnEndpointThatIgnoresRetryAfter) {
  world.update({.id = id, .settings = setting_change(&EndpointSettings::max_retry_after, 0s)});
  const auto refused = get_held();
  be(Mood::fine);
  const auto other = must_publish(world).seq;
  world.run(100ms);
  EXPECT_EQ(status_of(world, other, kFirst), DeliveryStatus::succeeded);
  world.run(2s);
  EXPECT_EQ(status_of(world, refused, kFirst), DeliveryStatus::succeeded) << "by schedule";
}

TEST_F(Hold, StaysWhenOthersThatWereUnderWaySucceed) {
  be(Mood::slow);
  const auto slow = must_publish(world).seq;
  world.step();
  be(Mood::busy);
  must_publish(world);
  world.run(1s);
  EXPECT_EQ(status_of(world, slow, kFirst), DeliveryStatus::succeeded);
  be(Mood::fine);
  must_publish(world);
  world.run(55s);
  EXPECT_EQ(seen(), 2u);
}

TEST_F(Hold, WhatTheSenderHasInHandComesBack) {
  world.sender.longest_wait = 20ms;
  be(Mood::busy);
  for (int i = 0; i < 50; ++i) must_publish(world);
  world.run(1s);
  const auto began = seen();
  EXPECT_LT(began, 50u);
  world.run(50s);
  EXPECT_EQ(seen(), began);
}

TEST_F(Hold, ItsTimeDisablesNobody) {
  be(Mood::busy_for_a_day);
  const auto before = world.clock.true_now();
  while (world.clock.true_now() < before + 24h * 7) {
    must_publish(world);
    world.run(1h);
  }
  EXPECT_TRUE(world.observer.disabled.empty()) << "it is there, and says when to come";
}

}  // namespace
}  // namespace exposee::sim
