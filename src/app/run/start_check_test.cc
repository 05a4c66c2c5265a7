#include "app/run/start_check.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

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

// In a process of its own, as a user whom the limit holds: root is above it.
TEST(StartCheck, TooFewThreadsAreSaid) {
  const auto say_what_is_missing = [] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) ::_exit(2);
    const rlimit one{1, 1};
    if (::setrlimit(RLIMIT_NPROC, &one) != 0) ::_exit(2);
    const auto missing = missing_for_start({.threads = 8});
    if (missing) std::fputs((missing->message + " " + missing->hint).c_str(), stderr);
    ::_exit(missing ? 3 : 0);
  };
  EXPECT_EXIT(say_what_is_missing(), testing::ExitedWithCode(3), "the threads that it needs. Raise .*ulimit -u");
}

TEST(StartCheck, WhatTheSystemRefusesAfterAllIsSaidWithAWayOut) {
  const auto error_of = [](int number) {
    return not_given(std::system_error(number, std::generic_category(), "epoll_create1"));
  };
  for (const auto& [number, way_out] : {std::pair{EAGAIN, "ulimit -u"}, {EMFILE, "ulimit -n"}, {ENFILE, "fs.file-max"},
                                        {ENOSPC, "max_user_watches"}, {ENOMEM, "memory"}}) {
    const auto error = error_of(number);
    ASSERT_TRUE(error) << number;
    EXPECT_EQ(error->code, ErrorCode::unavailable);
    EXPECT_NE(error->hint.find(way_out), std::string::npos) << error->hint;
  }
  EXPECT_EQ(error_of(EMFILE)->message,
            "The system does not give this process what it needs to start: epoll_create1: Too many open files.");
  EXPECT_FALSE(error_of(EINVAL));
}

}  // namespace
}  // namespace exposee::app
