#include "engine/dispatch/flight_index.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

class FlightIndexTest : public testing::Test {
 protected:
  std::optional<std::uint32_t> find(std::uint64_t lane, std::uint64_t event) {
    return index_.find(EndpointNumber{lane}, EventSeq{event}, [&](auto&& take) {
      ++passes_;
      for (const auto& [at, slot] : slots_[lane]) take(EventSeq{at}, slot);
    });
  }

  FlightIndex index_;
  std::unordered_map<std::uint64_t, std::vector<std::pair<std::uint64_t, std::uint32_t>>> slots_{
      {1, {{30, 0}, {10, 4}, {20, 2}}}, {2, {{10, 3}}}};
  int passes_ = 0;
};

TEST_F(FlightIndexTest, FindsTheSlotOfEachEventInOnePassOverTheLane) {
  EXPECT_EQ(find(1, 10), 4u);
  EXPECT_EQ(find(1, 20), 2u);
  EXPECT_EQ(find(1, 30), 0u);
  EXPECT_EQ(find(1, 25), std::nullopt);
  EXPECT_EQ(find(1, 31), std::nullopt);
  EXPECT_EQ(passes_, 1);
}

TEST_F(FlightIndexTest, LooksAtNoLaneButThoseThatAreAskedFor) {
  EXPECT_EQ(find(2, 10), 3u);
  EXPECT_EQ(find(1, 10), 4u);
  EXPECT_EQ(find(2, 20), std::nullopt);
  EXPECT_EQ(passes_, 2);
  EXPECT_EQ(find(3, 10), std::nullopt) << "none is under way";
}

TEST_F(FlightIndexTest, LooksAgainOnceAnyAttemptHasBegunOrEnded) {
  EXPECT_EQ(find(1, 40), std::nullopt);
  slots_[1].emplace_back(40, 7);
  index_.changed();
  EXPECT_EQ(find(1, 40), 7u);
  EXPECT_EQ(passes_, 2);
}

}  // namespace
}  // namespace exposee::engine
