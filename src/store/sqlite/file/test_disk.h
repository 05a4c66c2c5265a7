// SQLite's files as a test sees them: who wrote and synced what, and a read, a write or a sync that fails. While it lives, every
// connection that is opened goes through it; one at a time.
#pragma once

#include <pthread.h>
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <functional>
#include <map>
#include <mutex>
#include <set>

namespace exposee::store {

class TestDisk {
 public:
  enum File : std::size_t { data, log, others };

  TestDisk() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    here() = this;
    vfs_.zName = "test-disk";
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~TestDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
    here() = nullptr;
  }
  TestDisk(const TestDisk&) = delete;

  int syncs(File file) const { return syncs_[file]; }
  // The number of the system's error, which the file is then asked for.
  void fail_next_sync(File file, int system_errno = EIO) { failing_[file] = system_errno; }
  // Called before a sync fails, on the thread that wanted it.
  std::function<void()> before_failed_sync = [] {};
  // As on a disk that is full.
  void fail_next_write(File file) { failing_writes_[file] = 1; }
  // The one after so many more. SQLite's answer to EIO, by default: it takes the file for damaged.
  void fail_read(File file, int after = 0, int code = SQLITE_IOERR_CORRUPTFS) {
    read_failure_[file] = code;
    reads_left_[file] = after;
  }
  // Whatever covers this page of a data file, from now on: as a disk with a bad sector. Counted from 1, of 4 KiB.
  void break_page(std::int64_t page) {
    const std::scoped_lock lock(mutex_);
    broken_.insert((page - 1) * 4096);
  }
  // All of them can be read again.
  void heal_pages() {
    const std::scoped_lock lock(mutex_);
    broken_.clear();
  }
  bool has_failed_read(File file) const { return reads_left_[file] < 0; }
  // So often the system does not take back a lock on the log's index.
  void fail_unlocks(int count) { failing_unlocks_ = count; }
  int failing_unlocks() const { return failing_unlocks_; }
  int writes(File file, pthread_t by) const {
    const std::scoped_lock lock(mutex_);
    const auto found = writes_[file].find(by);
    return found == writes_[file].end() ? 0 : found->second;
  }
  int writes_of_others(File file, pthread_t than) const {
    const std::scoped_lock lock(mutex_);
    int sum = 0;
    for (const auto& [by, count] : writes_[file]) sum += by == than ? 0 : count;
    return sum;
  }

 private:
  static TestDisk*& here() {
    static TestDisk* disk = nullptr;
    return disk;
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto& disk = *here();
    const int code = disk.real_->xOpen(disk.real_, name, file, flags, out_flags);
    if (code != SQLITE_OK) return code;
    if (flags & SQLITE_OPEN_MAIN_DB) disk.watch<data>(file);
    if (flags & SQLITE_OPEN_WAL) disk.watch<log>(file);
    return code;
  }

  // The file keeps the real methods, but for those that are watched.
  template <File kFile>
  void watch(sqlite3_file* file) {
    const std::scoped_lock lock(mutex_);
    if (real_sync_[kFile]) {  // another connection's: they are in use
      file->pMethods = &methods_[kFile];
      return;
    }
    methods_[kFile] = *file->pMethods;
    real_sync_[kFile] = file->pMethods->xSync;
    real_write_[kFile] = file->pMethods->xWrite;
    real_read_[kFile] = file->pMethods->xRead;
    real_control_[kFile] = file->pMethods->xFileControl;
    methods_[kFile].xRead = [](sqlite3_file* of, void* to, int count, sqlite3_int64 at) {
      return here()->read(kFile, of, to, count, at);
    };
    methods_[kFile].xSync = [](sqlite3_file* of, int flags) { return here()->sync(kFile, of, flags); };
    methods_[kFile].xWrite = [](sqlite3_file* of, const void* bytes, int count, sqlite3_int64 at) {
      return here()->write(kFile, of, bytes, count, at);
    };
    methods_[kFile].xFileControl = [](sqlite3_file* of, int what, void* value) {
      return here()->control(kFile, of, what, value);
    };
    real_shm_lock_ = file->pMethods->xShmLock;
    methods_[kFile].xShmLock = [](sqlite3_file* of, int offset, int count, int flags) {
      return here()->shm_lock(of, offset, count, flags);
    };
    file->pMethods = &methods_[kFile];
  }

  int shm_lock(sqlite3_file* of, int offset, int count, int flags) {
    if ((flags & SQLITE_SHM_UNLOCK) && failing_unlocks_ > 0) {
      --failing_unlocks_;
      return SQLITE_BUSY;
    }
    return real_shm_lock_(of, offset, count, flags);
  }
  int control(File file, sqlite3_file* of, int what, void* value) {
    if (what != SQLITE_FCNTL_LAST_ERRNO || failed_[file] == 0) return real_control_[file](of, what, value);
    *static_cast<int*>(value) = failed_[file];
    return SQLITE_OK;
  }
  int sync(File file, sqlite3_file* of, int flags) {
    ++syncs_[file];
    if (failing_[file] != 0) {
      before_failed_sync();
      failed_[file] = failing_[file].exchange(0);
      return SQLITE_IOERR_FSYNC;
    }
    return real_sync_[file](of, flags);
  }
  int read(File file, sqlite3_file* of, void* to, int count, sqlite3_int64 at) {
    if (file == data) {
      const std::scoped_lock lock(mutex_);
      if (broken_.contains(at)) return SQLITE_IOERR_CORRUPTFS;
    }
    if (reads_left_[file] >= 0 && reads_left_[file]-- == 0) return read_failure_[file];
    return real_read_[file](of, to, count, at);
  }
  int write(File file, sqlite3_file* of, const void* bytes, int count, sqlite3_int64 at) {
    {
      const std::scoped_lock lock(mutex_);
      ++writes_[file][pthread_self()];
    }
    if (failing_writes_[file].exchange(0)) return SQLITE_FULL;
    return real_write_[file](of, bytes, count, at);
  }

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
  mutable std::mutex mutex_;
  std::array<sqlite3_io_methods, others> methods_{};
  std::array<decltype(sqlite3_io_methods::xSync), others> real_sync_{};
  std::array<decltype(sqlite3_io_methods::xWrite), others> real_write_{};
  std::array<decltype(sqlite3_io_methods::xRead), others> real_read_{};
  std::array<decltype(sqlite3_io_methods::xFileControl), others> real_control_{};
  decltype(sqlite3_io_methods::xShmLock) real_shm_lock_ = nullptr;
  std::atomic<int> failing_unlocks_ = 0;
  std::array<std::atomic<int>, others> reads_left_{-1, -1}, read_failure_{};
  std::array<std::atomic<int>, others> syncs_{}, failing_{}, failed_{}, failing_writes_{};
  std::array<std::map<pthread_t, int>, others> writes_;
  std::set<sqlite3_int64> broken_;
};

}  // namespace exposee::store
