// What the engine tells those who watch of its endpoints and of what is owed to them.
#include <gtest/gtest.h>

#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

constexpr EndpointNumber kFirst{1};

class CensusTest : public testing::Test {
 protected:
  EndpointId add(int number) {
    return (*world.add_endpoint("http://a" + std::to_string(number) + ".example/", {"*"},
                                RetrySchedule{{1h}}))->endpoint->id;
  }
  std::uint64_t count(EndpointStatus status) const {
    return world.observer.census.endpoints[static_cast<std::size_t>(status)];
  }
  std::uint64_t waiting(LaneStop stop) const {
    return world.observer.census.waiting[static_cast<std::size_t>(stop)];
  }

  Disk disk;
  World world{disk.options(43)};
};

TEST_F(CensusTest, EachEndpointCountsOnceAsItFares) {
  add(1);  // kFirst, which will be held
  const auto paused = add(2), disabled = add(3), removed = add(4);
  add(5);
  world.sender.receivers[kFirst].mood = Mood::busy;  // 503 with Retry-After: 60
  world.update({.id = paused, .settings = pausing(true)});
  world.update({.id = disabled, .disabled = true});
  world.remove(removed);
  must_publish(world);
  world.run(3s);
  EXPECT_EQ(count(EndpointStatus::held), 1u);
  EXPECT_EQ(count(EndpointStatus::paused), 1u);
  EXPECT_EQ(count(EndpointStatus::disabled), 1u);
  EXPECT_EQ(count(EndpointStatus::active), 1u);
  EXPECT_EQ(waiting(LaneStop::held), 1u);
  EXPECT_EQ(waiting(LaneStop::paused), 1u);
  EXPECT_EQ(waiting(LaneStop::nothing), 0u);
}

TEST_F(CensusTest, WhatWaitsForAnOpenBreakerIsCounted) {
  add(1);
  world.sender.receivers[kFirst].mood = Mood::broken;
  for (int i = 0; i < 40; ++i) must_publish(world);
  world.run(3s);
  EXPECT_EQ(world.observer.census.open_breakers, 1u);
  EXPECT_EQ(waiting(LaneStop::breaker), world.observer.turn.pending - world.observer.turn.in_flight);
  EXPECT_GT(waiting(LaneStop::breaker), 0u);
}

TEST_F(CensusTest, MoreEndpointsThanOneStepTakesAreCountedInSeveral) {
  constexpr std::uint64_t kMany = engine::kCensusStep * 2 + 1;
  for (std::uint64_t i = 0; i < kMany; ++i) add(static_cast<int>(i));
  world.run(3s);
  EXPECT_EQ(count(EndpointStatus::active), kMany);
}

TEST_F(CensusTest, WhatGoesWithItsEndpointIsGivenUp) {
  const auto id = add(1);
  world.update({.id = id, .settings = pausing(true)});
  for (int i = 0; i < 5; ++i) must_publish(world);
  EXPECT_EQ(world.observer.turn.pending, 5u);
  world.remove(id);
  world.run(100ms);
  EXPECT_EQ(world.observer.turn.pending, 0u);
  EXPECT_EQ(world.observer.turn.given_up, 5u);
}

}  // namespace
}  // namespace exposee::sim
