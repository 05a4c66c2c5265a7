#include "app/run/system_doors.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace exposee::app {
namespace {

TEST(SystemClock, NeverSaysATimeBeforeThisProgramWasWritten) {
  EXPECT_GT(SystemClock().now(), *parse_rfc3339("2025-01-01T00:00:00Z"));
}

TEST(SystemRandom, FillsEverySizeAndNeverRepeats) {
  SystemRandom random;
  std::set<std::vector<std::uint8_t>> seen;
  for (const std::size_t size : {16u, 24u, 255u, 256u, 257u, 1024u, 5000u}) {
    for (int round = 0; round < 100; ++round) {
      std::vector<std::uint8_t> bytes(size);
      random.fill(bytes);
      EXPECT_TRUE(seen.insert(bytes).second);
    }
  }
  random.fill({});
}

TEST(SystemRandom, ThreadsDrawDifferentBytes) {
  SystemRandom random;
  std::array<std::array<std::uint8_t, 16>, 4> drawn{};
  std::vector<std::thread> threads;
  for (auto& bytes : drawn) threads.emplace_back([&random, &bytes] { random.fill(bytes); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::set(drawn.begin(), drawn.end()).size(), drawn.size());
}

TEST(SystemRandom, UnitsSpreadOverTheWholeInterval) {
  SystemRandom random;
  double sum = 0;
  constexpr int kDraws = 10'000;
  for (int i = 0; i < kDraws; ++i) {
    const double unit = random.random01();
    ASSERT_GE(unit, 0.0);
    ASSERT_LT(unit, 1.0);
    sum += unit;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.05);  // seventeen standard deviations
}

}  // namespace
}  // namespace exposee::app
