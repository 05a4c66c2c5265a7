#include "engine/lane/speed.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

constexpr Instant kStart = from_micros(1'700'000'000'000'000);
constexpr Duration kPrompt{500}, kSlow{50'000};

TEST(Speed, AReceiverThatNothingIsKnownOfCountsAsFastAndIsNotProved) {
  Speed speed;
  EXPECT_TRUE(speed.is_fast() && speed.may_be_fast());
  EXPECT_FALSE(speed.is_proved_fast(kStart));
}

TEST(Speed, IsProvedAsLongAsSomethingIsHeard) {
  Speed speed;
  speed.note_response(kPrompt, kStart);
  EXPECT_TRUE(speed.is_proved_fast(kStart + kHeardLately));
  EXPECT_FALSE(speed.is_proved_fast(kStart + kHeardLately + Duration{1}));
  EXPECT_TRUE(speed.is_fast()) << "silence alone makes nobody slow: nothing may be under way";
}

// Answers so often, ten milliseconds apart.
void respond(Speed& speed, Instant& now, Duration took, int times) {
  for (int i = 0; i < times; ++i) speed.note_response(took, now += Duration{10'000});
}

TEST(Speed, OneThatTurnsSlowIsNotFastFromThenOnAndMayBeForASecond) {
  Speed speed;
  auto now = kStart;
  respond(speed, now, kPrompt, 500);
  respond(speed, now, kSlow, 10);
  EXPECT_FALSE(speed.is_fast());
  EXPECT_TRUE(speed.may_be_fast()) << "it may be this machine that was busy";
  respond(speed, now, kSlow, 100);
  EXPECT_FALSE(speed.may_be_fast());
  EXPECT_NEAR(static_cast<double>(speed.usual().count()), static_cast<double>(kSlow.count()), 100);
  respond(speed, now, kPrompt, 1);
  EXPECT_TRUE(speed.may_be_fast());
  EXPECT_FALSE(speed.is_fast()) << "one good response does not make it fast";
  respond(speed, now, kPrompt, 20);
  EXPECT_TRUE(speed.is_fast());
}

TEST(Speed, OneWhoseTimeVariesMayBeFastAndIsNot) {
  Speed speed;
  auto now = kStart;
  for (int i = 0; i < 300; ++i) {
    respond(speed, now, kPrompt, 9);
    respond(speed, now, Duration{2'000'000}, 1);
    EXPECT_TRUE(speed.may_be_fast());
    EXPECT_FALSE(speed.is_fast());
  }
}

TEST(Speed, IsNotFastWhileAnythingIsOverdueHoweverPromptTheRest) {
  Speed speed;
  speed.note_response(kPrompt, kStart);
  speed.note_overdue();
  speed.note_overdue();
  speed.note_response(kPrompt, kStart);
  EXPECT_FALSE(speed.is_fast() || speed.may_be_fast());
  speed.note_overdue_ended();
  EXPECT_FALSE(speed.is_fast() || speed.may_be_fast()) << "there is another";
  speed.note_overdue_ended();
  EXPECT_TRUE(speed.is_fast() && speed.may_be_fast());
}

}  // namespace
}  // namespace exposee::engine
