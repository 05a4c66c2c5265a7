#include "app/run/standard_streams.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

namespace exposee::app {
namespace {

// Of a child without these descriptors: which one the first file that it opens gets.
[[noreturn]] void first_file_without(const std::vector<int>& closed) {
  for (const int fd : closed) ::close(fd);
  open_standard_streams();
  ::_exit(::open("/dev/null", O_RDONLY));
}

TEST(StandardStreams, WhereOneIsClosedNoFileTakesItsNumber) {
  const std::vector<int> rows[] = {{}, {0}, {1}, {2}, {0, 2}, {0, 1, 2}};
  for (const auto& closed : rows) {
    EXPECT_EXIT(first_file_without(closed), [](int status) { return WIFEXITED(status) && WEXITSTATUS(status) > 2; }, "");
  }
}

}  // namespace
}  // namespace exposee::app
