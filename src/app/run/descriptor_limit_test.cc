#include "app/run/descriptor_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace exposee::app {
namespace {

TEST(DescriptorLimit, IsRaisedToWhatTheSystemAllows) {
  const std::uint64_t limit = raise_descriptor_limit();
  rlimit now{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &now), 0);
  EXPECT_EQ(now.rlim_cur, limit);
  EXPECT_EQ(now.rlim_cur, now.rlim_max);
}

TEST(DescriptorLimit, WarnsWhenConnectionsCouldNotBeOpened) {
  Settings settings;
  settings.server.max_connections = 1000;
  settings.delivery.max_connections = 500;
  EXPECT_EQ(too_few_descriptors(settings, 1500 + kOwnDescriptors), std::nullopt);
  const auto warning = too_few_descriptors(settings, 1024);
  ASSERT_TRUE(warning);
  EXPECT_THAT(*warning, testing::HasSubstr("may open 1024 files and the settings ask for 1500 connections"));
  EXPECT_THAT(*warning, testing::HasSubstr("ulimit -n 1564"));
}

}  // namespace
}  // namespace exposee::app
