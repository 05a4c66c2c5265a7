#include "app/run/node_figures.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace exposee::app {
namespace {

TEST(ThisProcess, ItsFiguresAreThoseOfThisProcess) {
  const auto begun = from_micros(1'746'590'590'000'000);
  const ThisProcess process(begun);
  const auto before = process.figures();
  ASSERT_TRUE(before);
  EXPECT_EQ(before->started_at, begun);
  EXPECT_GT(before->resident_bytes, 1u << 20);
  EXPECT_GT(before->virtual_bytes, before->resident_bytes);
  EXPECT_GT(before->cpu, Duration::zero());
  EXPECT_GT(before->max_fds, before->open_fds);
  const int descriptor = ::dup(STDERR_FILENO);
  EXPECT_EQ(process.figures()->open_fds, before->open_fds + 1);
  ::close(descriptor);
}

TEST(ThisProcess, ItsFiguresAreThereWhenNoDescriptorIsLeft) {
  const ThisProcess process(from_micros(1));
  const auto before = process.figures();
  ASSERT_TRUE(before);
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  const rlimit none{0, files.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_EQ(::dup(STDERR_FILENO), -1);
  const auto now = process.figures();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  ASSERT_TRUE(now);
  EXPECT_EQ(now->open_fds, before->open_fds);
  EXPECT_GT(now->resident_bytes, 1u << 20);
}

}  // namespace
}  // namespace exposee::app
