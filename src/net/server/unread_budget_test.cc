#include "net/server/unread_budget.h"

#include <gtest/gtest.h>

namespace exposee::net {
namespace {

constexpr std::size_t kLimit = 1000;
constexpr std::size_t kShare = 400;

class UnreadBudgetTest : public testing::Test {
 protected:
  void hold(UnreadBudget::Holder holder, PeerKey peer, std::size_t bytes, bool shared = false) {
    budget_.change(holder, peer, shared, held_[holder], bytes);
    held_[holder] = bytes;
  }
  UnreadBudget budget_{kLimit, kShare};
  std::size_t held_[16] = {};
};

TEST_F(UnreadBudgetTest, WithinBothBoundsNobodyIsClosed) {
  hold(1, 1, 200);
  hold(2, 1, 200);
  hold(3, 2, 400);
  EXPECT_EQ(budget_.total(), 800u);
  EXPECT_FALSE(budget_.to_close());
}

TEST_F(UnreadBudgetTest, APeerOverItsShareLosesItsLargest) {
  hold(1, 1, 150);
  hold(2, 1, 350);
  hold(3, 2, 390);
  EXPECT_EQ(budget_.to_close(), 2u);
  hold(2, 1, 0);
  EXPECT_FALSE(budget_.to_close());
  EXPECT_EQ(budget_.total(), 540u);
}

TEST_F(UnreadBudgetTest, OverTheBoundForAllThePeerThatHoldsMostLosesItsLargest) {
  for (UnreadBudget::Holder holder = 0; holder < 3; ++holder) hold(holder, holder, 300);
  hold(3, 2, 90);
  EXPECT_FALSE(budget_.to_close());
  hold(4, 4, 100);
  EXPECT_EQ(budget_.to_close(), 2u);
}

TEST_F(UnreadBudgetTest, AReplyThatIsAloneMayBeAsLargeAsItIs) {
  hold(1, 1, 5000);
  EXPECT_FALSE(budget_.to_close());
  hold(2, 2, 10);
  EXPECT_EQ(budget_.to_close(), 1u);
}

TEST_F(UnreadBudgetTest, BehindASharedPeerOnlyTheBoundForAllCounts) {
  hold(1, 1, 300, true);
  hold(2, 1, 310, true);
  hold(3, 1, 320, true);
  EXPECT_FALSE(budget_.to_close());
  hold(4, 1, 330, true);
  EXPECT_EQ(budget_.to_close(), 4u);
}

TEST_F(UnreadBudgetTest, WhatWasReadMeanwhileIsForgiven) {
  hold(1, 1, 300);
  hold(2, 1, 300);
  hold(1, 1, 50);
  EXPECT_FALSE(budget_.to_close());
  hold(1, 1, 0);
  hold(2, 1, 0);
  EXPECT_EQ(budget_.total(), 0u);
}

}  // namespace
}  // namespace exposee::net
