// The directory that holds everything Exposee keeps, made if it is missing (mode 0700, durably) and owned by
// one process at a time. Owned by the store; the lock is held for its life.
#pragma once

#include <string>

#include "core/result.h"

namespace exposee::store {

class DataDirectory {
 public:
  // Errors: locked (naming the process that holds it), invalid (not a directory), full, unavailable.
  static Result<DataDirectory> open(const std::string& path);
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;

  // Makes the file, readable by its owner alone, unless it exists; its name is on disk when this returns.
  Result<std::string> create_file(const std::string& name) const;

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;  // descriptor of the lock file
};

}  // namespace exposee::store
