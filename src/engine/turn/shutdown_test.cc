#include "engine/turn/shutdown.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

const Instant kNow = from_micros(1'700'000'000'000'000);
constexpr bool kSettled = true, kUnsettled = false;

TEST(Shutdown, BeforeAnyRequestNothingStopsAndNothingEnds) {
  Shutdown shutdown;
  EXPECT_FALSE(shutdown.begin_turn(kNow));
  EXPECT_FALSE(shutdown.is_stopping());
  EXPECT_FALSE(shutdown.must_recall());
  shutdown.give_up(kNow);
  EXPECT_FALSE(shutdown.is_over(kSettled));
}

TEST(Shutdown, HeldAttemptsStopAndTheEngineGoesOn) {
  Shutdown shutdown;
  shutdown.hold_attempts();
  EXPECT_TRUE(shutdown.is_stopping());
  EXPECT_FALSE(shutdown.begin_turn(kNow));
  EXPECT_FALSE(shutdown.is_ending());
  EXPECT_FALSE(shutdown.is_over(kSettled));
}

TEST(Shutdown, WhatTheSenderHoldsIsRecalledOnce) {
  Shutdown shutdown;
  shutdown.hold_attempts();
  EXPECT_TRUE(shutdown.must_recall());
  EXPECT_FALSE(shutdown.must_recall());
  shutdown.request(1s);
  EXPECT_FALSE(shutdown.must_recall());
}

TEST(Shutdown, ItEndsWhenAllIsSettledOrItsTimeIsUp) {
  Shutdown shutdown;
  shutdown.request(2s);
  EXPECT_FALSE(shutdown.is_over(kSettled)) << "no turn knows of it";
  EXPECT_TRUE(shutdown.begin_turn(kNow));
  EXPECT_FALSE(shutdown.begin_turn(kNow + 1s)) << "the first turn alone";
  EXPECT_TRUE(shutdown.is_over(kSettled));
  EXPECT_FALSE(shutdown.is_over(kUnsettled));
  shutdown.begin_turn(kNow + 2s);
  EXPECT_TRUE(shutdown.is_over(kUnsettled));
}

TEST(Shutdown, AStoreThatCannotBeWrittenIsNotWaitedFor) {
  Shutdown shutdown;
  shutdown.request(20s);
  shutdown.begin_turn(kNow);
  shutdown.give_up(kNow);
  EXPECT_TRUE(shutdown.is_over(kUnsettled));
}

}  // namespace
}  // namespace exposee::engine
