#include "engine/lane/speed.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

constexpr Instant kStart = from_micros(1'700'000'000'000'000);
constexpr Duration kPrompt{500}, kLate{30'000};

TEST(Speed, AReceiverThatNothingIsKnownOfCountsAsFastAndIsNotProved) {
  Speed speed;
  EXPECT_TRUE(speed.is_fast());
  EXPECT_FALSE(speed.is_proved_fast(kStart));
}

TEST(Speed, IsProvedAsLongAsSomethingIsHeard) {
  Speed speed;
  speed.note_response(kPrompt, kStart);
  EXPECT_TRUE(speed.is_proved_fast(kStart + kHeardLately));
  EXPECT_FALSE(speed.is_proved_fast(kStart + kHeardLately + Duration{1}));
  EXPECT_TRUE(speed.is_fast()) << "silence alone makes nobody slow: nothing may be under way";
}

TEST(Speed, OneThatTurnsSlowIsSlowWithinTwoWindows) {
  Speed speed;
  auto now = kStart;
  const auto respond = [&](Duration took, int times) {
    for (int i = 0; i < times; ++i) speed.note_response(took, now += Duration{10'000});
  };
  respond(kPrompt, 500);
  respond(kLate, 250);  // 2.5 s
  EXPECT_FALSE(speed.is_fast());
  EXPECT_EQ(speed.shortest(), kLate);
  EXPECT_NEAR(static_cast<double>(speed.usual().count()), 30'000, 100);
  respond(kPrompt, 1);
  EXPECT_TRUE(speed.is_fast());
}

TEST(Speed, AnOverdueAttemptSaysSoAtOnceUntilAPromptResponseComes) {
  Speed speed;
  speed.note_response(kPrompt, kStart);
  speed.note_overdue();
  EXPECT_FALSE(speed.is_fast());
  speed.note_response(kLate, kStart);
  EXPECT_FALSE(speed.is_fast());
  speed.note_response(kPrompt, kStart);
  EXPECT_TRUE(speed.is_fast());
}

}  // namespace
}  // namespace exposee::engine
