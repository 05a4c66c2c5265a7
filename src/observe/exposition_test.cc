#include "observe/exposition.h"

#include <gtest/gtest.h>

#include <array>

namespace exposee::observe {
namespace {

TEST(Exposition, SaysWhatEachFamilyIsBeforeItsSamples) {
  Exposition page;
  page.family("exposee_things_total", MetricType::counter, "Things that were made.");
  page.sample(7, label("result", "succeeded"));
  page.sample(0, label("kind", "ping") + "," + label("result", "dns"));
  page.family("exposee_room", MetricType::gauge, "Room.");
  page.sample(3);
  EXPECT_EQ(page.take(),
            "# HELP exposee_things_total Things that were made.\n"
            "# TYPE exposee_things_total counter\n"
            "exposee_things_total{result=\"succeeded\"} 7\n"
            "exposee_things_total{kind=\"ping\",result=\"dns\"} 0\n"
            "# HELP exposee_room Room.\n"
            "# TYPE exposee_room gauge\n"
            "exposee_room 3\n");
}

TEST(Exposition, AHistogramIsCumulativeAndInSeconds) {
  Exposition page;
  page.family("exposee_wait_seconds", MetricType::histogram, "How long.");
  const std::array<std::uint64_t, 4> counts{2, 0, 3, 1};
  page.histogram(counts, 1'234'500, 6, Unit::microseconds, label("family", "v1"));
  EXPECT_EQ(page.take(),
            "# HELP exposee_wait_seconds How long.\n"
            "# TYPE exposee_wait_seconds histogram\n"
            "exposee_wait_seconds_bucket{family=\"v1\",le=\"0.000064\"} 2\n"
            "exposee_wait_seconds_bucket{family=\"v1\",le=\"0.000128\"} 2\n"
            "exposee_wait_seconds_bucket{family=\"v1\",le=\"0.000256\"} 5\n"
            "exposee_wait_seconds_bucket{family=\"v1\",le=\"+Inf\"} 6\n"
            "exposee_wait_seconds_sum{family=\"v1\"} 1.2345\n"
            "exposee_wait_seconds_count{family=\"v1\"} 6\n");
}

TEST(Exposition, WritesMicrosecondsAsSecondsExactly) {
  const struct {
    std::uint64_t micros;
    std::string text;
  } rows[] = {{0, "0"}, {1, "0.000001"}, {1'500'000, "1.5"}, {60'000'000, "60"}, {1'746'590'590'779'082, "1746590590.779082"}};
  for (const auto& [micros, text] : rows) {
    Exposition page;
    page.family("x", MetricType::gauge, "X.");
    page.sample(micros, {}, Unit::microseconds);
    EXPECT_TRUE(page.take().ends_with("\nx " + text + "\n")) << text;
  }
}

TEST(Exposition, NothingInALabelEndsIt) {
  EXPECT_EQ(label("version", "1\"2\\3\n4"), R"(version="1\"2\\3 4")");
}

}  // namespace
}  // namespace exposee::observe
