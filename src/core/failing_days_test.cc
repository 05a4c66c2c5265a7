#include "core/failing_days.h"

#include <gtest/gtest.h>

#include <chrono>

namespace exposee {
namespace {

using namespace std::chrono_literals;

// How many failures, one every `step`, until it is hopeless; at most `most`.
int failures_until_hopeless(FailingDays& days, Duration step, int most) {
  for (int n = 0; n < most; ++n) {
    days.note_failure(n * step);
    if (days.is_hopeless()) return n;
  }
  return most;
}

TEST(FailingDays, FiveDaysOfFailuresAreHopeless) {
  FailingDays days;
  EXPECT_EQ(failures_until_hopeless(days, 1h, 1000), 5 * 24);
}

TEST(FailingDays, RareFailuresCountADayEach) {
  FailingDays days;
  EXPECT_EQ(failures_until_hopeless(days, 7 * 24h, 1000), 5) << "five weeks";
}

TEST(FailingDays, ManyFailuresInOneDayAreOneDay) {
  FailingDays days;
  for (int n = 0; n < 100'000; ++n) days.note_failure(n * 100ms);
  EXPECT_EQ(days.note(10'000s).days, 0u);
}

TEST(FailingDays, ASuccessBeginsAnew) {
  FailingDays days;
  for (int day = 0; day < 5; ++day) days.note_failure(day * 25h);
  days.note_success();
  days.note_failure(200h);
  days.note_failure(225h);
  EXPECT_EQ(days.note(225h), (FailingDaysNote{1, 0h}));
  EXPECT_FALSE(days.is_hopeless());
}

TEST(FailingDays, WhatIsLeftOutMakesTheDayLonger) {
  FailingDays days;
  days.note_failure(0h);
  days.leave_out(20h);
  days.note_failure(30h);
  EXPECT_EQ(days.note(30h), (FailingDaysNote{0, 10h}));
  days.note_failure(44h);
  EXPECT_EQ(days.note(44h), (FailingDaysNote{1, 0h}));
}

TEST(FailingDays, GoesOnAfterARestartWhereItWasNoted) {
  FailingDays days;
  days.resume({4, 23h}, 5s);
  days.note_failure(30min);
  EXPECT_FALSE(days.is_hopeless());
  days.note_failure(1h + 5s);
  EXPECT_TRUE(days.is_hopeless());
}

TEST(FailingDays, ADamagedNoteIsNoMoreThanADay) {
  FailingDays days;
  days.resume({4, 9'000h}, 5s);
  EXPECT_EQ(days.note(5s).into_day, kFailingDay);
}

}  // namespace
}  // namespace exposee
