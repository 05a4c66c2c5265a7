// Keeps the write-ahead log short: copies what is committed into the data file ("checkpoint" in SQLite's
// words) from a thread and a connection of its own, so that no commit waits for it. Only the last few frames
// are copied by the writer, because a log begins anew only when nothing was written since the copy was
// complete. Owned by the store; its thread ends with it. Nobody else may copy the log.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "store/sqlite/database.h"
#include "store/sqlite/told_chore.h"

namespace exposee::store {

// In frames of 4 KiB.
struct LogLimits {
  // So many are copied at once: the file's pages are then written a few times less often than they change,
  // and the log stays within about 4 MiB.
  int copied_at = 1000;
  int rest = 100;     // so few the writer copies itself, or two commits like its last
  int again = 50;     // later it tries again when a reader kept the log from beginning anew
  int most = 16'000;  // a writer that is so far ahead of the disk waits for it: 64 MiB
};

class LogKeeper {
 public:
  // `sink`: told when the log cannot be copied; outlives the keeper, null: not reported. Error: as Database::open.
  static Result<std::unique_ptr<LogKeeper>> start(const std::string& file, bool durable, StoreChoreSink* sink = nullptr,
                                                  const LogLimits& limits = {});
  ~LogKeeper();  // stop()
  LogKeeper(const LogKeeper&) = delete;
  LogKeeper& operator=(const LogKeeper&) = delete;

  // To be called after each commit, on the writer's thread. What cannot be copied now (a disk that is full, a
  // reader with an old snapshot) is tried again later: a commit is durable in the log alone.
  void committed(Database& writer);

  // Copies nothing any more: what sync_fault() says from here on is all there is to say.
  void stop();

  // The disk did not take what was copied. Which pages it lost is unknown, and SQLite counts them as copied; until all
  // of the log is copied anew nothing is.
  SyncFault sync_fault() const { return fault_; }
  SyncFault take_sync_fault() { return fault_.exchange(SyncFault::none); }  // the caller ends the process

 private:
  // Whose turn it is: the writer's, to fill the log; the keeper's, to copy it; the writer's, to copy the
  // rest.
  enum class Stage : std::uint8_t { filling, copying, rest };
  // How the keeper's last copy ended. One that was cut short met a reader, or a commit of the writer's half way.
  enum class Copy : std::uint8_t { whole, cut_short, failed };

  LogKeeper(std::unique_ptr<Database> db, StoreChoreSink* sink, const LogLimits& limits);
  void run();
  void copy(std::unique_lock<std::mutex>& lock);
  void tell(const Database& by, const Database::LogCopy& log, const Result<void>& synced = {});
  Database::LogCopy copy_by(Database& writer);
  void note_copied(const Database::LogCopy& log);
  void begin_anew();
  bool little_is_left();
  bool is_little(int left) const;

  const LogLimits limits_;
  std::unique_ptr<Database> db_;  // the keeper's thread's
  ToldChore chore_;

  // The writer's: frames in the log after its last commit, and at how many there is something to do.
  int frames_ = 0, next_at_;
  int commit_ = 0;  // frames of that commit

  std::atomic<SyncFault> fault_ = SyncFault::none;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_.
  Stage stage_ = Stage::filling;
  std::uint64_t log_ = 0;  // how many times it began anew
  int copied_ = 0;         // of this log's frames
  Copy last_ = Copy::whole;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace exposee::store
