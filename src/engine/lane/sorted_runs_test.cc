#include "engine/lane/sorted_runs.h"

#include <gtest/gtest.h>

#include <string>

namespace exposee::engine {
namespace {

TEST(SortedRuns, FindWhatWasAddedInAnyOrder) {
  SortedRuns<std::string, int> runs;
  constexpr int kCount = 1000;
  for (int i = 0; i < kCount; ++i) runs.add(std::to_string(i * 7919 % kCount), i);
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(runs.find(std::to_string(i * 7919 % kCount)), i);
  EXPECT_EQ(runs.find(std::string_view("1000")), std::nullopt);
  EXPECT_EQ(runs.find(std::string_view("")), std::nullopt);
}

TEST(SortedRuns, TheLastOfEqualKeysCounts) {
  SortedRuns<int, int> runs;
  for (int i = 0; i < 100; ++i) {
    runs.add(i % 3, i);
    EXPECT_EQ(runs.find(i % 3), i);
  }
  EXPECT_EQ(runs.find(0), 99);
  EXPECT_EQ(runs.find(1), 97);
}

TEST(SortedRuns, ACopyDoesNotSeeWhatComesLater) {
  SortedRuns<int, int> runs;
  for (int i = 0; i < 50; ++i) runs.add(i, i);
  const auto before = runs;
  for (int i = 0; i < 100; ++i) runs.add(i, -i);
  EXPECT_EQ(before.find(7), 7);
  EXPECT_EQ(before.find(77), std::nullopt);
  EXPECT_EQ(runs.find(7), -7);
}

}  // namespace
}  // namespace exposee::engine
