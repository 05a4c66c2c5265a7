// A directory for one test, gone with it. Test code, one thread.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace exposee::fakes {

class TestDirectory {
 public:
  TestDirectory() : path_((std::filesystem::temp_directory_path() / "exposee-test-XXXXXX").string()) {
    if (!::mkdtemp(path_.data())) std::abort();
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace exposee::fakes
