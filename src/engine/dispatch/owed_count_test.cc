#include "engine/dispatch/owed_count.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace exposee::engine {
namespace {

TEST(OwedCount, CountsForEachLaneAndForAll) {
  OwedCount owed;
  Lane one(EndpointNumber{1}), two(EndpointNumber{2});
  owed.set_most(one, 10);
  owed.set_most(two, 10);
  owed.add(one, 3);
  owed.add(two, 4);
  EXPECT_EQ(owed.reduce(one, 2), 2u);
  EXPECT_EQ(one.owed.count, 1u);
  EXPECT_EQ(owed.total(), 5u);
  EXPECT_EQ(owed.reduce(one, 2), 1u) << "never less than zero";
  EXPECT_EQ(owed.total(), 4u);
}

TEST(OwedCount, KnowsWhetherAnyLaneIsFull) {
  OwedCount owed;
  Lane one(EndpointNumber{1}), two(EndpointNumber{2});
  owed.set_most(one, 2);
  owed.set_most(two, 100);
  owed.add(one, 2);
  EXPECT_TRUE(one.owed.is_full && owed.any_full());
  owed.add(two, 99);
  EXPECT_FALSE(two.owed.is_full);
  owed.set_most(two, 50);
  EXPECT_TRUE(two.owed.is_full) << "its limit was lowered";
  owed.reduce(one, 1);
  EXPECT_TRUE(owed.any_full());
  owed.reduce(two, 50);
  EXPECT_FALSE(owed.any_full());
}

TEST(OwedCount, EndsAProcessInWhichTheSumIsLessThanItsParts) {
  OwedCount owed, other;
  Lane lane(EndpointNumber{1});
  other.set_most(lane, 10);
  other.add(lane, 3);
  EXPECT_DEATH(owed.reduce(lane, 1), "all lanes together are owed what each of them is");
}

using Lanes = std::vector<std::unique_ptr<Lane>>;

Lanes some_lanes(OwedCount& owed, std::uint64_t count) {
  Lanes lanes;
  for (std::uint64_t n = 1; n <= count; ++n) {
    owed.set_most(*lanes.emplace_back(std::make_unique<Lane>(EndpointNumber{n})), 10);
    owed.add(*lanes.back(), 3);
  }
  return lanes;
}

TEST(OwedCount, CountsAnewWhileCountsChange) {
  OwedCount owed;
  auto lanes = some_lanes(owed, 3 * kAuditStep);
  owed.reduce(*lanes[5], 3);
  lanes[5].reset();
  for (int step = 0; step < 10; ++step) {
    owed.audit(lanes);
    owed.add(*lanes[10], 1);
    owed.reduce(*lanes[2 * kAuditStep], 1);
  }
}

TEST(OwedCount, EndsAProcessInWhichALaneIsLostWithWhatItIsOwed) {
  OwedCount owed;
  auto lanes = some_lanes(owed, 2 * kAuditStep);
  owed.audit(lanes);
  lanes[kAuditStep + 3].reset();
  EXPECT_DEATH(owed.audit(lanes), "all lanes together are owed what each of them is");
}

TEST(OwedCount, TellsHowManyWereGivenUp) {
  OwedCount owed;
  Lane lane(EndpointNumber{1});
  owed.set_most(lane, 100);
  owed.add(lane, 10);
  owed.give_up(lane, 3);
  owed.give_up(lane, 4, 1);  // the others had been attempted already
  owed.give_up(lane, 9);     // and so many are not left
  EXPECT_EQ(owed.given_up(), 3u + 1u + 3u);
}

}  // namespace
}  // namespace exposee::engine
