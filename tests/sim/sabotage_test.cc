// The checkers are checked: each promise is broken on purpose, and some story must notice.
#include <gtest/gtest-spi.h>

#include <algorithm>
#include <string>

#include "sim/world/sabotages.h"

namespace exposee::sim {
namespace {

constexpr std::uint64_t kPatience = 60;  // stories, until one must have noticed

// What one story found wrong.
int faults_found(const Sabotage& sabotage, std::uint64_t seed) {
  testing::TestPartResultArray found;
  testing::ScopedFakeTestPartResultReporter reporter(
      testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &found);
  Disk disk;
  tell_story(disk, seed, variant_named(sabotage.where), sabotage.begin);
  return found.size();
}

class Sabotages : public testing::TestWithParam<std::size_t> {};

TEST_P(Sabotages, AreNoticedByAStory) {
  const auto& sabotage = sabotages()[GetParam()];
  std::uint64_t seed = 1;
  while (seed <= kPatience && faults_found(sabotage, seed) == 0) ++seed;
  EXPECT_LE(seed, kPatience) << sabotage.invariant << ": " << sabotage.what;
}

TEST(SabotagesOf, EveryInvariantThereAreSome) {
  constexpr int kInvariants = 16;
  for (int n = 1; n <= kInvariants; ++n) {
    const auto name = "I" + std::to_string(n);
    EXPECT_TRUE(std::ranges::any_of(sabotages(), [&](const Sabotage& s) { return s.invariant == name; }))
        << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Sabotages, testing::Range<std::size_t>(0, sabotages().size()));

}  // namespace
}  // namespace exposee::sim
