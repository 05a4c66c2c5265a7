#include "store/sqlite/file/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "store/sqlite/sqlite_error.h"

namespace exposee::store {
namespace {

constexpr mode_t kDirectoryMode = 0700;  // secrets lie within
constexpr mode_t kFileMode = 0600;
constexpr const char* kLockName = "lock";

Error failed(const std::string& what, const std::string& path) {
  return system_error(errno, what + " " + path);
}

Result<void> sync_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed("Cannot open the data directory", path);
  const bool synced = ::fsync(fd) == 0;
  Result<void> result;
  if (!synced) result = failed("Cannot write the data directory", path);
  ::close(fd);
  return result;
}

// Makes the directory and what leads to it. A name is durable once the directory above it is written. `made`: those
// that were missing are added.
Result<void> make_directory(const std::filesystem::path& path, std::vector<std::string>& made) {
  struct stat there{};
  if (::stat(path.c_str(), &there) == 0) {
    if (S_ISDIR(there.st_mode)) return {};
    return Error{ErrorCode::invalid, path.string() + " is not a directory.",
                 "Choose another data directory (--data, storage.path)."};
  }
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (parent != path) EXPOSEE_TRY(make_directory(parent, made));
  if (::mkdir(path.c_str(), kDirectoryMode) == 0) {
    made.push_back(path.string());
  } else if (errno != EEXIST) {
    return failed("Cannot make the data directory", path.string());
  }
  return sync_directory(parent.string());
}

// The lock file is text: the holder's number in a line of fixed length, then the log's mark (log_mark.h).
constexpr std::size_t kHolderBytes = kLogMarkAt;

std::string holder_of(int lock) {
  char text[kHolderBytes];
  const auto size = ::pread(lock, text, sizeof text, 0);
  const std::string_view pid(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto digits = pid.substr(0, pid.find_first_of(" \n"));
  return digits.empty() ? "another process" : "process " + std::string(digits);
}

// The holder's number, for whoever comes second: the lock does not depend on it, but a number that stayed from before
// would send people to another process.
Result<void> sign(int lock, const std::string& file) {
  auto pid = std::to_string(::getpid());
  pid.resize(kHolderBytes - 1, ' ');
  pid += '\n';
  errno = EIO;  // of a write that is cut short
  if (::pwrite(lock, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size())) return {};
  return failed("Cannot write the lock file", file);
}

LogMark mark_in(int lock) {
  char text[kLogMarkBytes];
  const auto size = ::pread(lock, text, sizeof text, kLogMarkAt);
  return LogMark::parse({text, size > 0 ? static_cast<std::size_t>(size) : 0});
}

// Error: locked, unavailable. `lock`: the file that names the holder; `fd`: what is locked.
Result<void> take_lock(int fd, int lock, const std::string& path, const WaitForHolder& wait) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK && fd != lock) return {};  // not every file system locks directories
    if (errno != EWOULDBLOCK) return failed("Cannot lock the data directory", path);
    const auto holder = holder_of(lock);
    if (wait && wait(holder)) continue;
    return Error{ErrorCode::locked, "The data directory " + path + " is in use by " + holder + ".",
                 "Stop that process, or choose another data directory (--data, storage.path)."};
  }
  return {};
}

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& given, const WaitForHolder& wait) {
  const auto path = without_trailing_slashes(given);
  std::vector<std::string> made;
  EXPOSEE_TRY(make_directory(path, made));
  const auto file = path + "/" + kLockName;
  int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
  if (fd >= 0) {
    made.push_back(file);
  } else {
    fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  }
  if (fd < 0) return failed("Cannot open the lock file", file);
  DataDirectory directory(path, fd, ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), std::move(made));
  if (directory.self_ < 0) return failed("Cannot open the data directory", path);
  EXPOSEE_TRY(take_lock(fd, fd, path, wait));
  EXPOSEE_TRY(take_lock(directory.self_, fd, path, wait));
  EXPOSEE_TRY(sign(fd, file));
  return directory;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      self_(std::exchange(other.self_, -1)),
      made_(std::move(other.made_)) {}

// Gives the locks back; the file stays, for removing it would race with a start.
DataDirectory::~DataDirectory() {
  for (const int fd : {self_, lock_}) {
    if (fd >= 0) ::close(fd);
  }
}

// Whoever waits for the lock meanwhile gets that of the directory, or finds that there is none.
void DataDirectory::take_back() const {
  for (auto path = made_.rbegin(); path != made_.rend(); ++path) {
    if (::remove(path->c_str()) != 0) return;
  }
}

LogMark DataDirectory::log_mark() const {
  return mark_in(lock_);
}

LogMark DataDirectory::mark_at_rest(const std::string& path) {
  const int fd = ::open((path + "/" + kLockName).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const bool at_rest = ::flock(fd, LOCK_SH | LOCK_NB) == 0;
  const auto mark = at_rest ? mark_in(fd) : LogMark{};
  ::close(fd);
  return mark;
}

std::unique_ptr<LogMarker> DataDirectory::log_marker(const std::string& data_file, StoreChoreSink* sink) const {
  return std::make_unique<LogMarker>(lock_, data_file, sink);
}

Result<std::string> DataDirectory::create_file(const std::string& name) const {
  const auto file = path_ + "/" + name;
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (fd < 0) return failed("Cannot open the data file", file);
  ::close(fd);
  EXPOSEE_TRY(sync_directory(path_));
  return file;
}

std::optional<DataDirectory::FileIds> DataDirectory::file_ids() const {
  FileIds ids{};
  std::size_t at = 0;
  const std::string data = kDataFileName;
  for (const auto& name : {std::string(kLockName), data, data + "-wal"}) {
    struct stat there{};
    const bool is_there = ::stat((path_ + "/" + name).c_str(), &there) == 0;
    if (is_there) ids[at] = there.st_dev, ids[at + 1] = there.st_ino;
    if (!is_there && errno != ENOENT && errno != ENOTDIR) return std::nullopt;
    at += 2;
  }
  return ids;
}

Result<void> DataDirectory::rename_file(const std::string& from, const std::string& to) const {
  const auto old_name = path_ + "/" + from, new_name = path_ + "/" + to;
  const int fd = ::open(old_name.c_str(), O_RDWR | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  Result<void> result;
  if (!synced) result = failed("Cannot write", old_name);
  if (fd >= 0) ::close(fd);
  EXPOSEE_TRY(std::move(result));
  if (::renameat2(AT_FDCWD, old_name.c_str(), AT_FDCWD, new_name.c_str(), RENAME_NOREPLACE) != 0) {
    return failed("Cannot make", new_name);
  }
  return sync_directory(path_);
}

}  // namespace exposee::store
