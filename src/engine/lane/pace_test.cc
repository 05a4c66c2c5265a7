#include "engine/lane/pace.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

constexpr Instant kStart = from_micros(1'000'000);
constexpr std::uint32_t kUsual = 128;

Pace limited_to(std::uint32_t own) {
  Pace pace;
  pace.set_limit(own, kUsual);
  return pace;
}

void respond(Pace& pace, int times, Duration took) {
  for (int i = 0; i < times; ++i) {
    pace.note_response(took, kStart);
    pace.grow(took);
  }
}

TEST(Pace, BeginsWithFewAttemptsAndNeverMoreThanItsLimit) {
  struct Case {
    std::uint32_t own;
    double allowance;
    std::uint32_t concurrency;
  };
  for (const auto& [own, allowance, concurrency] :
       {Case{0, kFirstAllowance, kFastConcurrency}, Case{3, 3, 3}, Case{500, kFirstAllowance, 500}}) {
    const auto pace = limited_to(own);
    EXPECT_EQ(pace.allowance(), allowance) << own;
    EXPECT_EQ(pace.concurrency(), concurrency) << own;
    EXPECT_TRUE(pace.has_slot(static_cast<std::size_t>(allowance) - 1)) << own;
    EXPECT_FALSE(pace.has_slot(static_cast<std::size_t>(allowance))) << own;
  }
}

TEST(Pace, HalvesWhenAskedToSlowDown) {
  auto pace = limited_to(64);
  respond(pace, 300, Duration{20'000});
  ASSERT_EQ(pace.allowance(), 64);
  pace.note_failure(true);
  EXPECT_EQ(pace.allowance(), 32);
  for (int i = 0; i < 10; ++i) pace.note_failure(true);
  EXPECT_EQ(pace.allowance(), 1) << "one attempt at a time is always allowed: it is how recovery is noticed";
}

TEST(Pace, GrowsWithEveryResponseHoweverLongItTook) {
  for (const Duration took : {Duration{100}, Duration{50'000}, Duration{14'000'000}}) {
    auto pace = limited_to(64);
    pace.one_at_a_time();
    respond(pace, 300, took);
    EXPECT_GE(pace.allowance(), 64);
  }
}

TEST(Pace, AllowsFewerWhileTheUsualResponseIsFast) {
  Pace pace;
  pace.set_limit(0, 500);
  EXPECT_EQ(pace.concurrency(), kFastConcurrency) << "nothing is known yet";
  pace.note_response(Duration{200'000}, kStart);
  EXPECT_EQ(pace.concurrency(), 500u);
  pace.note_response(Duration{100}, kStart);
  EXPECT_EQ(pace.concurrency(), 500u) << "one good response does not hold it back";
  respond(pace, 50, Duration{100});
  EXPECT_EQ(pace.concurrency(), kFastConcurrency);
  pace.set_limit(500, 500);  // the endpoint says so
  EXPECT_EQ(pace.concurrency(), 500u);
  pace.set_limit(3, 500);
  EXPECT_EQ(pace.concurrency(), 3u);
}

TEST(Pace, RunsAheadByWhatPromptResponsesHaveEarned) {
  auto pace = limited_to(2);
  ASSERT_FALSE(pace.has_slot(2));
  EXPECT_FALSE(pace.may_run_ahead(2)) << "nothing is earned";
  respond(pace, 3, Duration{100});
  EXPECT_TRUE(pace.may_run_ahead(4));
  EXPECT_FALSE(pace.may_run_ahead(5));
  respond(pace, 100, Duration{100});
  EXPECT_EQ(pace.most_handed_out(), 2 + kAheadOfEach * 2);
  EXPECT_TRUE(pace.may_run_ahead(pace.most_handed_out() - 1));
  EXPECT_FALSE(pace.may_run_ahead(pace.most_handed_out()));
}

TEST(Pace, LosesWhatItHasEarnedToRunAhead) {
  struct Case {
    const char* why;
    void (*happens)(Pace&);
  };
  const Case cases[] = {
      {"a response that was not prompt", [](Pace& pace) { pace.note_response(kPromptResponse, kStart); }},
      {"a failure", [](Pace& pace) { pace.note_failure(false); }},
      {"an attempt that is overdue", [](Pace& pace) { pace.note_overdue(); }},
      {"it begins anew", [](Pace& pace) { pace.begin_anew(); }},
  };
  for (const auto& [why, happens] : cases) {
    auto pace = limited_to(2);
    respond(pace, 100, Duration{100});
    happens(pace);
    EXPECT_FALSE(pace.may_run_ahead(2)) << why;
    EXPECT_EQ(pace.most_handed_out(), 2u) << why;
  }
}

TEST(Pace, WhatRunsAheadIsPartOfTheOneAllowance) {
  auto pace = limited_to(16);
  respond(pace, 32, Duration{100});
  EXPECT_EQ(pace.allowance(), 16) << "first a quarter for each response, up to what may be under way";
  respond(pace, 5, Duration{100});
  EXPECT_EQ(pace.allowance(), 16 + 5);
  respond(pace, 500, Duration{100});
  EXPECT_EQ(pace.allowance(), 16 * (1 + kAheadOfEach));
  pace.note_failure(true);
  EXPECT_EQ(pace.allowance(), 8) << "half of what may be under way";
}

TEST(Pace, RunsNotAheadBeforeItsWholeLimitIsAllowed) {
  auto pace = limited_to(4);
  respond(pace, 100, Duration{100});
  pace.one_at_a_time();
  EXPECT_FALSE(pace.may_run_ahead(1));
}

}  // namespace
}  // namespace exposee::engine
