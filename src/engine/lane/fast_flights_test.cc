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
  FastFlights flights(2);
  flights.enter(0, at(0), true);
  EXPECT_FALSE(flights.full());
  flights.enter(7, at(1), true);
  EXPECT_TRUE(flights.full());
  flights.leave(0);
  EXPECT_FALSE(flights.full());
  flights.leave(0);
  flights.leave(3);
  flights.enter(0, at(2), true);
  EXPECT_TRUE(flights.full()) << "leaving twice, or without having been in, frees nothing";
}

TEST(FastFlights, WhatIsNotAnsweredSoonCountsNoLonger) {
  FastFlights flights(2);
  flights.enter(0, at(0), true);
  flights.enter(1, at(10), true);
  EXPECT_EQ(flights.ages_at(), at(0) + kLongestFastFlight);
  flights.age(at(-1) + kLongestFastFlight, ignore);
  EXPECT_TRUE(flights.full());
  flights.age(at(0) + kLongestFastFlight, ignore);
  EXPECT_FALSE(flights.full());
  EXPECT_EQ(flights.ages_at(), at(10) + kLongestFastFlight);
  flights.leave(0);  // answered after all
  flights.enter(2, at(20), true);
  EXPECT_TRUE(flights.full());
}

TEST(FastFlights, OnesAtOtherReceiversAreOverdueJustSo) {
  FastFlights flights(1);
  std::vector<std::uint32_t> overdue;
  const auto note = [&](std::uint32_t slot) { overdue.push_back(slot); };
  flights.enter(0, at(0), false);
  flights.enter(1, at(1), false);
  EXPECT_FALSE(flights.full());
  EXPECT_EQ(flights.ages_at(), at(0) + kLongestFastFlight);
  EXPECT_FALSE(flights.leave(1));
  flights.age(at(1) + kLongestFastFlight, note);
  EXPECT_EQ(overdue, std::vector<std::uint32_t>{0});
  EXPECT_EQ(flights.ages_at(), std::nullopt);
  EXPECT_TRUE(flights.leave(0)) << "it was overdue";
  EXPECT_FALSE(flights.leave(0));
  flights.enter(0, at(2), true);
  EXPECT_TRUE(flights.full());
}

TEST(FastFlights, ASlotThatIsUsedAgainIsAnotherAttempt) {
  FastFlights flights(8);
  flights.enter(0, at(0), true);
  flights.enter(1, at(1), true);
  flights.leave(1);
  flights.enter(1, at(95'000), true);
  flights.leave(0);
  EXPECT_EQ(flights.ages_at(), at(95'000) + kLongestFastFlight) << "what has left is forgotten";
  flights.age(at(1) + kLongestFastFlight, ignore);
  EXPECT_EQ(flights.ages_at(), at(95'000) + kLongestFastFlight);
}

TEST(FastFlights, IsEmptyAfterAnyNumberOfRounds) {
  FastFlights flights(100);
  for (std::uint32_t round = 0; round < 1'000; ++round) {
    for (std::uint32_t slot = 0; slot < 100; ++slot) flights.enter(slot, at(round * 1'000), true);
    EXPECT_TRUE(flights.full());
    for (std::uint32_t slot = 100; slot-- > 0;) flights.leave(slot);
    ASSERT_FALSE(flights.ages_at());
  }
}

}  // namespace
}  // namespace exposee::engine
