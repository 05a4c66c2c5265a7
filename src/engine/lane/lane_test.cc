#include "engine/lane/lane.h"

#include <gtest/gtest.h>

#include <string>

namespace exposee::engine {
namespace {

EventRef event(std::uint64_t seq, TypeNumber type = TypeNumber{1}) {
  auto e = std::make_shared<Event>();
  e->seq = EventSeq{seq};
  e->type = type;
  e->version = RegistryVersion{1};
  e->body = "{}";
  return e;
}

constexpr Instant kStart = from_micros(1'000'000);
const Verdict kFailure{.cause = Cause::http};
const Verdict kSlowDown{.cause = Cause::http, .slow_down = true};

Verdict holding(Duration span) {
  return {.cause = Cause::http, .retry_after = span, .hold = span, .slow_down = true};
}

Lane busy_lane() {
  Lane lane(EndpointNumber{1});
  lane.limit = 64;
  lane.allowance = 64;
  return lane;
}

TEST(Lane, SlowsDownByHalvesWhenAsked) {
  auto lane = busy_lane();
  const auto now = from_micros(1'000'000);
  lane.note_failure(now, kSlowDown, 0.5);
  EXPECT_EQ(lane.allowance, 32);
  for (int i = 0; i < 10; ++i) lane.note_failure(now, kSlowDown, 0.5);
  EXPECT_EQ(lane.allowance, 1) << "one attempt at a time is always allowed: it is how recovery is noticed";
}

TEST(Lane, EveryAnswerLetsItSendMoreAtOnceHoweverLongItTook) {
  for (const Duration took : {Duration{100}, Duration{50'000}, Duration{14'000'000}}) {
    auto lane = busy_lane();
    lane.allowance = 1;
    lane.note_success(Duration{500}, kStart);
    for (int i = 0; i < 300; ++i) lane.note_success(took, kStart);
    EXPECT_EQ(lane.allowance, 64);
  }
}

TEST(Lane, HasFewerAtOnceWhileTheUsualAnswerIsFast) {
  Lane lane(EndpointNumber{1});
  lane.limit = 500;
  EXPECT_EQ(lane.at_once(), kFastAtOnce) << "nothing is known yet";
  lane.note_success(Duration{200'000}, kStart);
  EXPECT_EQ(lane.at_once(), 500u);
  lane.note_success(Duration{100}, kStart);
  EXPECT_EQ(lane.at_once(), 500u) << "one good answer does not hold it back";
  for (int i = 0; i < 50; ++i) lane.note_success(Duration{100}, kStart);
  EXPECT_EQ(lane.at_once(), kFastAtOnce);
  lane.limit_when_fast = 500;  // the endpoint says so
  EXPECT_EQ(lane.at_once(), 500u);
  lane.limit = 3;
  EXPECT_EQ(lane.at_once(), 3u);
}

TEST(Lane, CountsAsFastUntilItsShortestAnswerOfLateSaysOtherwise) {
  auto lane = busy_lane();
  EXPECT_TRUE(lane.is_fast()) << "nothing is known yet";
  lane.note_success(Duration{30'000}, kStart);
  EXPECT_FALSE(lane.is_fast());
  lane.note_success(Duration{100}, kStart);
  EXPECT_TRUE(lane.is_fast());
  for (std::uint32_t i = 0; i < 3 * kSpeedWindow; ++i) lane.note_success(Duration{30'000}, kStart);
  EXPECT_TRUE(lane.is_fast()) << "many answers in a moment prove nothing";
  for (std::uint32_t i = 0; i < 3 * kSpeedWindow; ++i) {
    lane.note_success(Duration{30'000}, kStart + kSpeedTime * (1 + i / kSpeedWindow));
  }
  EXPECT_EQ(lane.speed.shortest(), Duration{30'000});
  EXPECT_FALSE(lane.is_fast());
  lane.note_success(Duration{100}, kStart);
  lane.note_failure(kStart, kFailure, 0.5);
  EXPECT_FALSE(lane.is_fast()) << "it fails";
}

using namespace std::chrono_literals;

// Open, with one retry that is due.
Lane waiting_lane() {
  auto lane = busy_lane();
  lane.open = true;
  lane.retries.add({.key = {EventSeq{1}, EndpointNumber{1}}, .attempts = 1, .due = kStart});
  return lane;
}

DeliveryRow asked(std::uint64_t seq) {
  return {.key = {EventSeq{seq}, EndpointNumber{1}}, .attempts = 1, .due = kStart, .asked = true};
}

TEST(Lane, StartsNothingOfItsOwnWhileItIsHeldButWhatIsAskedForByHand) {
  auto lane = waiting_lane();
  lane.note_failure(kStart, holding(30s), 0.5);
  EXPECT_FALSE(lane.may_start(kStart + 29s));
  EXPECT_EQ(lane.look_again_at(kStart), kStart + 30s);
  lane.by_hand.add(asked(2));
  EXPECT_TRUE(lane.may_start(kStart + 1s));
  EXPECT_EQ(std::get<DeliveryRow>(*lane.next(kStart + 1s)).key.event, EventSeq{2});
  EXPECT_FALSE(lane.may_start(kStart + 29s));
  EXPECT_TRUE(lane.may_start(kStart + 30s));
}

TEST(Lane, IsHeldAsLongAsTheLongestOfTheReceiversWordsSays) {
  auto lane = waiting_lane();
  lane.note_failure(kStart, holding(60s), 0.5);
  lane.note_failure(kStart + 1s, holding(5s), 0.5);
  EXPECT_EQ(lane.held_until, kStart + 60s);
  lane.note_success(Duration{100}, kStart + 2s);
  EXPECT_FALSE(lane.may_start(kStart + 59s)) << "a success of what was under way ends no hold";
  lane.note_failure(kStart + 60s, holding(60s), 0.5);
  EXPECT_EQ(lane.held_until, kStart + 120s);
}

TEST(Lane, ATimeForWhichItWasHeldCountsAgainstNobody) {
  auto lane = waiting_lane();
  const auto fail = [&](std::chrono::hours running) {
    lane.failing_days.note_failure(running);
    lane.note_failure(kStart + running, holding(3600s), 0.5);
  };
  for (int i = 0; i < 100; ++i) fail(std::chrono::hours(i));
  EXPECT_EQ(lane.breaker.state(), BreakerState::closed) << "it is there, and says when to come";
  EXPECT_EQ(lane.failing_days.note(100h), FailingDaysNote{});
  lane.resume(kStart + 99h + 600s);
  EXPECT_EQ(lane.failing_days.note(100h), (FailingDaysNote{0, 3000s})) << "what was cut short counts";
  lane.note_success(Duration{100}, kStart + 101h);
  EXPECT_EQ(lane.failing_days.note(200h), FailingDaysNote{});
}

TEST(Lane, WhatIsAskedForByHandIsTheProbeOfAnOpenBreakerAndComesRightAfterOneThatIsUnderWay) {
  auto lane = waiting_lane();
  for (std::uint32_t i = 0; i < kBreakerFailures; ++i) lane.note_failure(kStart, kFailure, 0.5);
  ASSERT_EQ(lane.breaker.state(), BreakerState::open);
  EXPECT_FALSE(lane.may_start(kStart));
  lane.by_hand.add(asked(2));
  lane.by_hand.add(asked(3));
  ASSERT_TRUE(lane.may_start(kStart));
  (void)lane.next(kStart);
  lane.breaker.begin(true);
  EXPECT_FALSE(lane.may_start(kStart + 1h)) << "one probe at a time";
  lane.note_failure(kStart + 1s, kFailure, 0.5);
  EXPECT_TRUE(lane.may_start(kStart + 1s));
}

TEST(Lane, AnOrderedOneAttemptsWhatWasAskedForBeforeAnythingElse) {
  Lane lane(EndpointNumber{1});
  lane.open = lane.ordered = true;
  lane.backlog.push(event(5), true, kStart);
  lane.by_hand.add(asked(2));
  EXPECT_FALSE(lane.has_work(kStart)) << "not before what was asked for is final";
  EXPECT_EQ(std::get<DeliveryRow>(*lane.next(kStart)).key.event, EventSeq{2});
  EXPECT_TRUE(lane.has_work(kStart));
}

TEST(Lane, CatchesUpAfterAnOutageAndNotAfterAFailureNowAndThen) {
  struct Case {
    std::string story;
    Duration failed_for;
    bool held, trips, catches_up;
  };
  const Case cases[] = {
      {"one failure among successes", 0s, false, false, false},
      {"shorter than the first wait", 4s, false, false, false},
      {"an outage", 5s, false, false, true},
      {"its breaker was open", 0s, false, true, true},
      {"it was held", 60s, true, false, true},
  };
  for (const auto& c : cases) {
    auto lane = waiting_lane();
    lane.note_success(Duration{100}, kStart);
    const auto failures = c.trips ? kBreakerFailures : 1;
    for (std::uint32_t i = 0; i < failures; ++i)
      lane.note_failure(kStart, c.held ? holding(30s) : kFailure, 0.5);
    lane.note_success(Duration{100}, kStart + c.failed_for);
    EXPECT_EQ(lane.catch_up.is_active(), c.catches_up) << c.story;
  }
}

}  // namespace
}  // namespace exposee::engine
