#include "core/causes.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

TEST(Causes, TheListsOfWordsHaveAllThatCanBeAskedFor) {
  EXPECT_EQ(delivery_status_texts().size(), static_cast<std::size_t>(kLastDeliveryStatus) + 1);
  EXPECT_EQ(delivery_status_texts().front(), "pending");
  EXPECT_EQ(cause_texts().size(), static_cast<std::size_t>(kLastCause)) << "none is not asked for";
  for (const auto text : cause_texts()) EXPECT_NE(parse_cause(text).value_or(Cause::none), Cause::none) << text;
}

// Numbers of causes are stored, so a new one comes last, whatever it is of.
TEST(Causes, WhatEndsADeliveryWithoutAnAttemptIsNotOfAttempts) {
  EXPECT_TRUE(is_of_attempt(Cause::none));
  EXPECT_TRUE(is_of_attempt(Cause::damaged));
  EXPECT_FALSE(is_of_attempt(Cause::backup));
  EXPECT_FALSE(is_of_attempt(Cause::overflow));
}

}  // namespace
}  // namespace exposee
