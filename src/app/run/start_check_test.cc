#include "app/run/start_check.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace exposee::app {
namespace {

using testing::HasSubstr;

TEST(StartCheck, AnOrdinaryProcessLacksNothing) {
  EXPECT_FALSE(missing_for_start());
}

TEST(StartCheck, TooFewDescriptorsNameTheNumberThatIsEnough) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const auto missing = missing_for_start({.descriptors = 100});
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_TRUE(missing);
  EXPECT_THAT(missing->message, HasSubstr("may open 64 files"));
  EXPECT_THAT(missing->hint, testing::ContainsRegex("Raise the limit to 1[0-9][0-9] or more"));
}

TEST(StartCheck, TooLittleMemoryIsSaid) {
  const auto missing = missing_for_start({.memory_mib = std::size_t{1} << 40});
  ASSERT_TRUE(missing);
  EXPECT_THAT(missing->message, HasSubstr("MiB more that it needs to start"));
}

}  // namespace
}  // namespace exposee::app
