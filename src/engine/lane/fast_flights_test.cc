#include "engine/lane/fast_flights.h"

#include <gtest/gtest.h>

#include <vector>

namespace exposee::engine {
namespace {

constexpr auto ignore = [](std::uint32_t) {};

constexpr Instant at(std::int64_t us) {
  return from_micros(us);
}

TEST(FastFlights, IsFullAtItsLimitUntilOneLeaves) {
  FastFlights crowd(2);
  crowd.enter(0, at(0), true);
  EXPECT_FALSE(crowd.full());
  crowd.enter(7, at(1), true);
  EXPECT_TRUE(crowd.full());
  crowd.leave(0);
  EXPECT_FALSE(crowd.full());
  crowd.leave(0);
  crowd.leave(3);
  crowd.enter(0, at(2), true);
  EXPECT_TRUE(crowd.full()) << "leaving twice, or without having been in, frees nothing";
}

TEST(FastFlights, WhatIsNotAnsweredSoonCountsNoLonger) {
  FastFlights crowd(2);
  crowd.enter(0, at(0), true);
  crowd.enter(1, at(10), true);
  EXPECT_EQ(crowd.ages_at(), at(0) + kLongestFastFlight);
  crowd.age(at(-1) + kLongestFastFlight, ignore);
  EXPECT_TRUE(crowd.full());
  crowd.age(at(0) + kLongestFastFlight, ignore);
  EXPECT_FALSE(crowd.full());
  EXPECT_EQ(crowd.ages_at(), at(10) + kLongestFastFlight);
  crowd.leave(0);  // answered after all
  crowd.enter(2, at(20), true);
  EXPECT_TRUE(crowd.full());
}

TEST(FastFlights, OnesAtOtherReceiversAreOverdueJustSo) {
  FastFlights crowd(1);
  std::vector<std::uint32_t> overdue;
  const auto note = [&](std::uint32_t slot) { overdue.push_back(slot); };
  crowd.enter(0, at(0), false);
  crowd.enter(1, at(1), false);
  EXPECT_FALSE(crowd.full());
  EXPECT_EQ(crowd.ages_at(), at(0) + kLongestFastFlight);
  EXPECT_FALSE(crowd.leave(1));
  crowd.age(at(1) + kLongestFastFlight, note);
  EXPECT_EQ(overdue, std::vector<std::uint32_t>{0});
  EXPECT_EQ(crowd.ages_at(), std::nullopt);
  EXPECT_TRUE(crowd.leave(0)) << "it was overdue";
  EXPECT_FALSE(crowd.leave(0));
  crowd.enter(0, at(2), true);
  EXPECT_TRUE(crowd.full());
}

TEST(FastFlights, ASlotThatIsUsedAgainIsAnotherAttempt) {
  FastFlights crowd(8);
  crowd.enter(0, at(0), true);
  crowd.enter(1, at(1), true);
  crowd.leave(1);
  crowd.enter(1, at(95'000), true);
  crowd.leave(0);
  EXPECT_EQ(crowd.ages_at(), at(95'000) + kLongestFastFlight) << "what has left is forgotten";
  crowd.age(at(1) + kLongestFastFlight, ignore);
  EXPECT_EQ(crowd.ages_at(), at(95'000) + kLongestFastFlight);
}

TEST(FastFlights, IsEmptyAfterAnyNumberOfRounds) {
  FastFlights crowd(100);
  for (std::uint32_t round = 0; round < 1'000; ++round) {
    for (std::uint32_t slot = 0; slot < 100; ++slot) crowd.enter(slot, at(round * 1'000), true);
    EXPECT_TRUE(crowd.full());
    for (std::uint32_t slot = 100; slot-- > 0;) crowd.leave(slot);
    ASSERT_FALSE(crowd.ages_at());
  }
}

}  // namespace
}  // namespace exposee::engine
