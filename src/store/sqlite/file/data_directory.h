// The directory that holds everything Exposee keeps, made if it is missing (mode 0700, durably) and owned by
// one process at a time: both the directory and a file in it are locked, so that neither a file that somebody removed nor
// a file system that does not lock directories lets a second one in. Owned by the store; held for its life.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "store/sqlite/log/log_mark.h"

namespace exposee::store {

// Asked while another process ("process 123") holds the directory, again and again: waits a little, and says
// whether to try once more. Empty: there is no waiting.
using WaitForHolder = std::function<bool(const std::string& holder)>;

inline constexpr const char* kDataFileName = "exposee.db";  // beside it SQLite's -wal and -shm, and "lock"

class DataDirectory {
 public:
  // Errors: locked (naming the process that holds it), invalid (not a directory), full, unavailable.
  static Result<DataDirectory> open(const std::string& path, const WaitForHolder& wait = {});
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;

  // Makes the file, readable by its owner alone, unless it exists; its name is on disk when this returns.
  Result<std::string> create_file(const std::string& name) const;
  // Which files the lock's name and the data's names mean now; they change when one is removed or replaced. Nothing: the
  // system does not say.
  using FileIds = std::array<std::uint64_t, 6>;
  std::optional<FileIds> file_ids() const;

  // What the last owner of the directory knew, while it has none: without an error, as far as can be told.
  static LogMark mark_at_rest(const std::string& path);

  // What the last owner knew of the log, and who notes it from now on; to be gone before this is.
  LogMark log_mark() const;
  std::unique_ptr<LogMarker> log_marker(const std::string& data_file, StoreChoreSink* sink = nullptr) const;

  // Makes the file durable and gives it its name, which must be free; the new name is on disk when this
  // returns.
  Result<void> rename_file(const std::string& from, const std::string& to) const;

  // Removes what open() made, as far as nothing was put into it since: nobody has begun anything here.
  void take_back() const;

 private:
  DataDirectory(std::string path, int lock, int self, std::vector<std::string> made)
      : path_(std::move(path)), lock_(lock), self_(self), made_(std::move(made)) {}

  std::string path_;
  int lock_, self_;                // descriptors of the lock file and of the directory
  std::vector<std::string> made_;  // by open(): directories, then the lock file
};

}  // namespace exposee::store
