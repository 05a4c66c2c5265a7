#include "store/sqlite/file/data_directory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "fakes/test_directory.h"

namespace exposee::store {
namespace {

TEST(DataDirectory, IsMadeForItsOwnerAloneWithWhatLeadsToIt) {
  const fakes::TestDirectory root;
  const auto path = root.path() + "/a/b/";
  ASSERT_TRUE(DataDirectory::open(path));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
}

TEST(DataDirectory, ASecondOwnerIsToldWhichProcessHoldsIt) {
  const fakes::TestDirectory root;
  const auto first = DataDirectory::open(root.path());
  ASSERT_TRUE(first);
  const auto second = DataDirectory::open(root.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::locked);
  EXPECT_EQ(second.error().message, "The data directory " + root.path() + " is in use by process " +
                                        std::to_string(::getpid()) + ".");
}

TEST(DataDirectory, WhoCannotSignTheLockFileIsRefusedAndLeavesNoNumberOfAnother) {
  const fakes::TestDirectory root;
  const auto before = ::signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const struct rlimit nothing{0, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &nothing), 0);
  const auto refused = DataDirectory::open(root.path());
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  ::signal(SIGXFSZ, before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::full);
  EXPECT_NE(refused.error().message.find("Cannot write the lock file " + root.path()), std::string::npos);
  EXPECT_TRUE(DataDirectory::open(root.path())) << "the locks were given back";
}

TEST(DataDirectory, WhoeverWaitsForItsHolderGetsItAfterwards) {
  const fakes::TestDirectory root;
  std::optional first = *DataDirectory::open(root.path());
  int asked = 0;
  const auto second = DataDirectory::open(root.path(), [&](const std::string& holder) {
    EXPECT_EQ(holder, "process " + std::to_string(::getpid()));
    if (++asked == 3) first.reset();
    return true;
  });
  EXPECT_TRUE(second);
  EXPECT_EQ(asked, 3);
  const auto impatient = DataDirectory::open(root.path(), [](const std::string&) { return false; });
  EXPECT_EQ(impatient.error().code, ErrorCode::locked);
}

TEST(DataDirectory, AnotherProcessIsRefusedToo) {
  const fakes::TestDirectory root;
  const auto held = DataDirectory::open(root.path());
  const pid_t child = ::fork();
  if (child == 0) {
    const auto refused = DataDirectory::open(root.path());
    ::_exit(!refused && refused.error().code == ErrorCode::locked ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(DataDirectory, ASecondOwnerIsRefusedAlsoWhenTheLockFileWasRemoved) {
  const fakes::TestDirectory root;
  const auto first = DataDirectory::open(root.path());
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(::unlink((root.path() + "/lock").c_str()), 0);
    EXPECT_EQ(DataDirectory::open(root.path()).error().code, ErrorCode::locked);
  }
}

TEST(DataDirectory, IsFreeAgainWhenItsOwnerIsGone) {
  const fakes::TestDirectory root;
  {
    const auto first = DataDirectory::open(root.path());
  }
  EXPECT_TRUE(DataDirectory::open(root.path()));
}

TEST(DataDirectory, WhatIsNoDirectoryIsRefused) {
  const fakes::TestDirectory root;
  const auto path = root.path() + "/file";
  std::ofstream(path) << "text";
  EXPECT_EQ(DataDirectory::open(path).error().code, ErrorCode::invalid);
  EXPECT_EQ(DataDirectory::open(path + "/below").error().code, ErrorCode::invalid);
}

TEST(DataDirectory, ItsFilesAreReadableByTheirOwnerAlone) {
  const fakes::TestDirectory root;
  const auto directory = DataDirectory::open(root.path());
  const auto file = directory->create_file("data");
  ASSERT_TRUE(file);
  struct stat status{};
  ASSERT_EQ(::stat(file->c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

}  // namespace
}  // namespace exposee::store
