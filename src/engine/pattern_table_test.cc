#include "engine/pattern_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace exposee::engine {
namespace {

constexpr TypeNumber kUser{1}, kPaid{2};

class PatternTableTest : public testing::Test {
 protected:
  PatternTableTest() {
    table_.add_type("user");
    table_.add_type("order.paid");
  }
  PatternNumber hold(const std::string& pattern) {
    const auto number = table_.intern(pattern);
    table_.hold(number);
    return number;
  }
  std::string matching(TypeNumber type) const {
    std::string text;
    for (const auto number : table_.matching(type)) text += table_.text(number) + " ";
    return text;
  }
  static std::string numbers(const Subscribers& subscribers) {
    std::string text;
    subscribers.each([&](EndpointNumber number) { text += std::to_string(number.value) + " "; });
    return text;
  }

  PatternTable table_;
};

TEST_F(PatternTableTest, KnowsWhichPatternsMatchATypeWhicheverCameFirst) {
  for (const auto* pattern : {"*", "order.*", "order.new", "us"}) hold(pattern);
  EXPECT_EQ(matching(kUser), "* ");
  EXPECT_EQ(matching(kPaid), "* order.* ");
  table_.add_type("order.new");
  EXPECT_EQ(matching(TypeNumber{3}), "order.new order.* * ");
  table_.drop_last_type();
  EXPECT_EQ(matching(TypeNumber{3}), "");
  EXPECT_EQ(matching({}), "");
}

TEST_F(PatternTableTest, ForgetsWhatNobodyHoldsAndGivesItsNumberOutAgain) {
  const auto kept = hold("order.*"), gone = hold("user");
  EXPECT_EQ(table_.intern("user"), gone);
  table_.let_go(gone);
  EXPECT_EQ(table_.find("user"), gone) << "it may still be taken back";
  table_.sweep();
  EXPECT_FALSE(table_.find("user"));
  EXPECT_EQ(matching(kUser), "");
  for (int n = 0; n < 10'000; ++n) {
    const auto number = hold("order." + std::to_string(n));
    EXPECT_EQ(number, gone);
    table_.let_go(number);
    table_.sweep();
  }
  EXPECT_EQ(matching(kPaid), "order.* ");
  EXPECT_EQ(table_.find("order.*"), kept);
}

TEST_F(PatternTableTest, WhatIsHeldAgainBeforeTheSweepStays) {
  const auto number = hold("user");
  table_.let_go(number);
  table_.hold(number);
  table_.sweep();
  EXPECT_EQ(table_.find("user"), number);
}

TEST_F(PatternTableTest, ATypesSubscribersAreThoseOfAllPatternsThatMatchIt) {
  const auto all = hold("*"), orders = hold("order.*"), paid = hold("order.paid");
  table_.list(all, EndpointNumber{1});
  table_.list(orders, EndpointNumber{2});
  table_.list(paid, EndpointNumber{3});
  table_.list(paid, EndpointNumber{4});
  EXPECT_EQ(numbers(table_.subscribers(kUser)), "1 ");
  auto before = table_.subscribers(kPaid);
  EXPECT_EQ(numbers(before), "1 2 3 4 ");
  table_.unlist(paid, EndpointNumber{3});
  EXPECT_EQ(numbers(table_.subscribers(kPaid)), "1 2 4 ");
  EXPECT_EQ(before.size(), 4u) << "a snapshot stays as it was";
  EXPECT_EQ(before.drop([](EndpointNumber number) { return number.value % 2 == 0; }), 2u);
  EXPECT_EQ(numbers(before), "1 3 ");
  EXPECT_TRUE(table_.subscribers({}).empty());
}

}  // namespace
}  // namespace exposee::engine
