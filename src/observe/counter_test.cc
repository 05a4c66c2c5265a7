#include "observe/counter.h"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

namespace exposee::observe {
namespace {

// Bounds 4, 8, 16 and infinity.
using Small = Histogram<Counter, 2, 4>;

TEST(Buckets, TakeWhatIsAtMostTheirBound) {
  const struct {
    std::uint64_t value;
    std::size_t bucket;
  } rows[] = {{0, 0}, {1, 0}, {4, 0}, {5, 1}, {8, 1}, {9, 2}, {16, 2}, {17, 3}, {~std::uint64_t{0}, 3}};
  for (const auto& [value, bucket] : rows) {
    Small histogram;
    histogram.add(value);
    Small::Counts expected{};
    expected[bucket] = 1;
    EXPECT_EQ(histogram.counts(), expected) << value;
  }
}

TEST(Histogram, AddsUp) {
  Small histogram;
  std::uint64_t sum = 0;
  for (std::uint64_t value = 0; value < 40; ++value) {
    histogram.add(value);
    sum += value;
  }
  const auto counts = histogram.counts();
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), 40u);
  EXPECT_EQ(histogram.sum(), sum);
}

enum class Colour { red, green };

TEST(PerValue, CountsEachValueAndTakesOneThatIsNotThereForTheLast) {
  PerValue<Counter, Colour::green> colours;
  colours.of(Colour::red).add(3);
  colours.of(static_cast<Colour>(200)).add();
  EXPECT_EQ(colours.value(0), 3u);
  EXPECT_EQ(colours.value(1), 1u);
}

TEST(SharedCounter, LosesNothingThatSeveralThreadsAdd) {
  constexpr int kThreads = 4, kEach = 10'000;
  SharedCounter counter;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kEach; ++n) counter.add();
      });
    }
  }
  EXPECT_EQ(counter.value(), std::uint64_t{kThreads} * kEach);
}

}  // namespace
}  // namespace exposee::observe
