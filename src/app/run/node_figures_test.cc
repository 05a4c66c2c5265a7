#include "app/run/node_figures.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace exposee::app {
namespace {

TEST(ProcessFigures, AreThoseOfThisProcess) {
  const auto begun = from_micros(1'746'590'590'000'000);
  const auto before = process_figures(begun);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->started_at, begun);
  EXPECT_GT(before->resident_bytes, 1u << 20);
  EXPECT_GT(before->virtual_bytes, before->resident_bytes);
  EXPECT_GT(before->cpu, Duration::zero());
  EXPECT_GT(before->max_fds, before->open_fds);
  const int descriptor = ::dup(STDERR_FILENO);
  EXPECT_EQ(process_figures(begun)->open_fds, before->open_fds + 1);
  ::close(descriptor);
}

}  // namespace
}  // namespace exposee::app
