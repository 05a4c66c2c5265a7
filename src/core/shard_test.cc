#include "core/shard.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

TEST(Shard, EveryEndpointIsInOne) {
  for (std::uint64_t n = 1; n <= 1000; ++n) {
    const EndpointNumber endpoint{n};
    EXPECT_LT(shard_of(endpoint), kShards);
    EXPECT_TRUE(ShardSet::of(endpoint).has(endpoint));
    EXPECT_TRUE(ShardSet::all().has(endpoint));
    EXPECT_FALSE(ShardSet::all().without(ShardSet::of(endpoint)).has(endpoint));
    EXPECT_FALSE(ShardSet().has(endpoint));
  }
}

TEST(Shard, EndpointsThatFollowEachOtherAreSpreadEvenly) {
  std::uint64_t seen = 0;
  for (std::uint64_t n = 1; n <= kShards; ++n) seen |= ShardSet::of(EndpointNumber{n}).bits();
  EXPECT_EQ(ShardSet(seen), ShardSet::all());
}

TEST(Shard, SetsAreUnitedAndDivided) {
  const auto one = ShardSet::of(EndpointNumber{1}), two = ShardSet::of(EndpointNumber{2});
  EXPECT_EQ((one | two).without(two), one);
  EXPECT_TRUE((one & two).empty());
  EXPECT_EQ((one | two) & two, two);
}

}  // namespace
}  // namespace exposee
