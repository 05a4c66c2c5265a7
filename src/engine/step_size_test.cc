#include "engine/step_size.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

// Steps on a disk that takes so long for a row, until the size stays.
std::uint64_t size_on(StepSize& size, Duration row) {
  for (int n = 0; n < 100; ++n) size.note(size.rows(), static_cast<std::int64_t>(size.rows()) * row);
  return size.rows();
}

TEST(StepSize, FollowsTheDiskSoThatAStepTakesSomeMilliseconds) {
  StepSize size;
  for (const auto row : {Duration{1}, Duration{10}, Duration{2}, Duration{30}}) {
    const auto took = static_cast<std::int64_t>(size_on(size, row)) * row;
    EXPECT_LE(took, kStepTime) << row.count();
    EXPECT_GE(took, kStepTime / 3) << row.count();
  }
}

TEST(StepSize, HasBounds) {
  StepSize size;
  EXPECT_EQ(size_on(size, Duration{1'000}), kUsualLimits.least_expire_step);
  EXPECT_EQ(size_on(size, Duration::zero()), kUsualLimits.most_expire_step);
}

TEST(StepSize, AStepThatHadLittleToDoSaysNothingOfALargerOne) {
  StepSize size;
  for (int n = 0; n < 10; ++n) size.note(kUsualLimits.first_expire_step / 2, Duration{10});
  EXPECT_EQ(size.rows(), kUsualLimits.first_expire_step);
}

TEST(StepSize, AStepThatTookLongForSomethingElseSaysNothingOfASmallerOne) {
  StepSize size;
  const auto rows = size.rows();
  for (const std::uint64_t done : {std::uint64_t{0}, rows / 2 - 1}) size.note(done, 10 * kStepTime);
  EXPECT_EQ(size.rows(), rows);
  size.note(rows / 2, 2 * kStepTime);
  EXPECT_EQ(size.rows(), rows / 2);
}

}  // namespace
}  // namespace exposee::engine
