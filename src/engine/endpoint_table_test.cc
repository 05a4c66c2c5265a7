#include "engine/endpoint_table.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace exposee::engine {
namespace {

EndpointTable::Ref endpoint(std::uint64_t number, bool removed = false) {
  Endpoint made;
  made.number = EndpointNumber{number};
  if (removed) made.removed_at = Instant{Duration{1}};
  return std::make_shared<const Endpoint>(std::move(made));
}

std::vector<std::uint64_t> live_numbers(const EndpointTable& table) {
  std::vector<std::uint64_t> numbers;
  for (const auto& each : table) numbers.push_back(each->number.value);
  return numbers;
}

TEST(EndpointTable, HoldsEachAtItsNumberAndShowsThoseThatAreNotRemoved) {
  EndpointTable table;
  for (const std::uint64_t number : {1, 2, 3, 500}) table.put(endpoint(number));
  table.put(endpoint(2, true));
  EXPECT_EQ(live_numbers(table), (std::vector<std::uint64_t>{1, 3, 500}));
  EXPECT_EQ(table.live(), 3u);
  ASSERT_TRUE(table.find(EndpointNumber{2}));
  EXPECT_TRUE(table.find(EndpointNumber{2})->removed_at);
  EXPECT_FALSE(table.find(EndpointNumber{4}));
  EXPECT_FALSE(table.find(EndpointNumber{}));
  EXPECT_FALSE(table.find(EndpointNumber{100'000}));
}

TEST(EndpointTable, ACopyStaysAsItWasAndACopyOfMuchSharesMuch) {
  EndpointTable table;
  for (std::uint64_t number = 1; number <= 1000; ++number) table.put(endpoint(number));
  const auto before = table;
  table.put(endpoint(700, true));
  table.put(endpoint(1001));
  EXPECT_EQ(before.live(), 1000u);
  EXPECT_FALSE(before.find(EndpointNumber{700})->removed_at);
  EXPECT_EQ(before.find(EndpointNumber{1}), table.find(EndpointNumber{1}));
  EXPECT_EQ(&*before.begin(), &*table.begin()) << "one chunk for both";
}

TEST(EndpointTable, WhatIsDroppedWasNeverThere) {
  EndpointTable table;
  table.put(endpoint(1));
  table.put(endpoint(2));
  table.drop(EndpointNumber{2});
  table.drop(EndpointNumber{3});
  EXPECT_EQ(live_numbers(table), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(table.live(), 1u);
  EXPECT_FALSE(table.find(EndpointNumber{2}));
}

TEST(EndpointTable, GoesOnAfterANumber) {
  EndpointTable table;
  for (std::uint64_t number = 1; number <= 300; ++number) table.put(endpoint(number, number % 2 == 0));
  EXPECT_EQ((*table.after(EndpointNumber{}))->number.value, 1u);
  EXPECT_EQ((*table.after(EndpointNumber{1}))->number.value, 3u);
  EXPECT_EQ((*table.after(EndpointNumber{298}))->number.value, 299u);
  EXPECT_EQ(table.after(EndpointNumber{299}), table.end());
  EXPECT_EQ(table.after(EndpointNumber{9'000}), table.end());
}

}  // namespace
}  // namespace exposee::engine
