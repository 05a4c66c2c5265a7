#include "core/event_pack.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

std::vector<EventSeq> numbers(std::initializer_list<std::uint64_t> values) {
  std::vector<EventSeq> all;
  for (const auto value : values) all.push_back(EventSeq{value});
  return all;
}

EventPack packed(const std::vector<EventSeq>& events) {
  EventPack pack;
  for (const auto event : events) pack.add(event);
  return pack;
}

TEST(EventPack, GivesBackTheNumbersThatItTook) {
  const auto base = block_of(first_seq(1)) * kPackBlock;
  for (const auto& events :
       {numbers({7}), numbers({1, 2, 3, 130, 258, 4095}), numbers({base, base + 1, base + 4095})}) {
    const auto pack = packed(events);
    EXPECT_EQ(pack.events(), events);
    EXPECT_EQ(pack.count(), events.size());
  }
}

TEST(EventPack, TakesAByteForANumberThatIsNearAndTwoForOneThatIsNot) {
  EXPECT_EQ(packed(numbers({1, 2, 129, 257})).distances().size(), 1u + 1 + 2);
}

TEST(EventPack, StaysWithinItsBlockAndItsBytes) {
  std::vector<EventPack> packs;
  for (std::uint64_t n = kPackBlock - 3; n < kPackBlock + 20; ++n) add_to(packs, EventSeq{n}, 10);
  ASSERT_EQ(packs.size(), 3u);
  EXPECT_EQ(packs[0].last(), EventSeq{kPackBlock - 1});
  for (const auto& pack : packs) EXPECT_LE(pack.distances().size(), 10u);
  EXPECT_EQ(packs[2].last(), EventSeq{kPackBlock + 19});
}

TEST(EventPack, SaysWhenItsBytesAreDamaged) {
  const auto pack = packed(numbers({1, 2, 300, 301}));
  const auto& good = pack.distances();
  EXPECT_TRUE(EventPack::unpack(EventSeq{1}, EventSeq{301}, 4, good));
  EXPECT_FALSE(EventPack::unpack(EventSeq{1}, EventSeq{301}, 3, good)) << "another count";
  EXPECT_FALSE(EventPack::unpack(EventSeq{1}, EventSeq{300}, 4, good)) << "another end";
  EXPECT_FALSE(EventPack::unpack(EventSeq{1}, EventSeq{9'000}, 4, good)) << "over two blocks";
  EXPECT_FALSE(EventPack::unpack(EventSeq{1}, EventSeq{301}, 4, good.substr(0, 2))) << "cut off";
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      EXPECT_FALSE(EventPack::unpack(EventSeq{1}, EventSeq{301}, 4, bad)) << at << " " << bit;
    }
  }
}

}  // namespace
}  // namespace exposee
