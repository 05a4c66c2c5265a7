#include "engine/lane/set_aside.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

constexpr EventSeq kFirst{1}, kLater{2};

TEST(SetAside, KeepsNoBodyOfAFirstAttempt) {
  SetAside all;
  all.add_first({.seq = kFirst, .type_name = "order.paid", .body = std::string(100'000, 'x')});
  ASSERT_EQ(all.first_attempts().size(), 1u);
  EXPECT_EQ(all.first_attempts()[0]->seq, kFirst);
  EXPECT_EQ(all.first_attempts()[0]->type_name, "order.paid");
  EXPECT_LT(all.first_attempts()[0]->body.capacity(), 100u);
}

TEST(SetAside, CountsAndFindsBothKindsUntilTheyAreRemoved) {
  SetAside all;
  EXPECT_TRUE(all.empty());
  all.add_first({.seq = kFirst});
  all.add_later(kLater);
  EXPECT_EQ(all.size(), 2u);
  EXPECT_TRUE(all.has(kFirst));
  EXPECT_TRUE(all.has(kLater));
  all.remove(kFirst);
  EXPECT_EQ(all.size(), 1u);
  all.remove(kLater);
  EXPECT_TRUE(all.empty());
}

TEST(SetAside, FirstAttemptsThatAreNotOwedAnyMoreGo) {
  SetAside all;
  all.add_first({.seq = kFirst});
  all.add_first({.seq = kLater});
  EXPECT_EQ(all.drop_unowed([](const Event& event) { return event.seq == kLater; }), 1u);
  EXPECT_FALSE(all.has(kFirst));
  EXPECT_EQ(all.size(), 1u);
}

}  // namespace
}  // namespace exposee::engine
