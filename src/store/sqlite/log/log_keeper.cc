#include "store/sqlite/log/log_keeper.h"

#include <pthread.h>

#include <algorithm>

namespace exposee::store {

Result<std::unique_ptr<LogKeeper>> LogKeeper::start(const std::string& file, bool durable,
                                                    StoreChoreSink* sink, const LogLimits& limits) {
  auto db = Database::open(file, {.durable = durable});
  if (!db) return std::move(db).error();
  return std::unique_ptr<LogKeeper>(new LogKeeper(*std::move(db), sink, limits));
}

LogKeeper::LogKeeper(std::unique_ptr<Database> db, StoreChoreSink* sink, const LogLimits& limits)
    : limits_(limits),
      db_(std::move(db)),
      chore_(StoreChore::log_copy, sink),
      next_at_(limits.copied_at),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "log-keeper");
}

void LogKeeper::stop() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

LogKeeper::~LogKeeper() {
  stop();
  if (fault_.load() != SyncFault::none) db_->keep_log();
}

void LogKeeper::committed(Database& writer) {
  const int before = std::exchange(frames_, writer.log_frames());
  commit_ = frames_ - before;
  if (frames_ < before) begin_anew();
  if (frames_ < next_at_ || fault_.load() != SyncFault::none || !little_is_left()) return;
  const auto log = copy_by(writer);
  // Complete, the next commit begins the log anew, unless a reader happens to look at it.
  const bool complete = !log.failed && log.copied == log.frames;
  next_at_ = frames_ + (complete ? limits_.again : limits_.copied_at);
}

Database::LogCopy LogKeeper::copy_by(Database& writer) {
  const auto log = writer.copy_log();
  tell(writer, log);
  if (log.failed && writer.sync_fault() != SyncFault::none) fault_ = writer.sync_fault();
  note_copied(log);
  return log;
}

// Another process at the log, such as the sqlite3 shell, is not a fault.
void LogKeeper::tell(const Database& by, const Database::LogCopy& log, const Result<void>& synced) {
  if (!log.busy) chore_.note(log.failed ? Result<void>(by.last_error()) : synced);
}

void LogKeeper::note_copied(const Database::LogCopy& log) {
  const std::scoped_lock lock(mutex_);
  if (!log.failed) copied_ = std::max(copied_, log.copied);
}

void LogKeeper::begin_anew() {
  next_at_ = limits_.copied_at;
  commit_ = frames_;
  const std::scoped_lock lock(mutex_);
  ++log_;
  copied_ = 0;
  if (stage_ == Stage::rest) stage_ = Stage::filling;
}

// Else the keeper is at work, or will be. (It begins only while frames are left to copy, so that the log
// cannot begin anew at that moment.)
bool LogKeeper::little_is_left() {
  std::unique_lock lock(mutex_);
  const bool asks = stage_ == Stage::filling && !is_little(frames_ - copied_);
  if (asks) {
    stage_ = Stage::copying;
    changed_.notify_all();
  }
  const bool waits = frames_ - next_at_ >= limits_.most;
  if (waits) changed_.wait(lock, [this] { return stage_ != Stage::copying; });
  if (stage_ == Stage::copying) return false;
  stage_ = Stage::filling;
  if (is_little(frames_ - copied_)) return true;
  // Not while the writer wrote nothing: so it was a reader, who may stay.
  const bool met_a_reader = last_ == Copy::cut_short && asks && waits;
  if (last_ == Copy::failed || met_a_reader) next_at_ = frames_ + limits_.copied_at;
  return false;
}

bool LogKeeper::is_little(int left) const {
  return left <= std::max(limits_.rest, 2 * commit_);
}

void LogKeeper::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || stage_ == Stage::copying; });
    if (ending_) return;
    copy(lock);
    changed_.notify_all();
  }
}

void LogKeeper::copy(std::unique_lock<std::mutex>& lock) {
  const auto log = log_;
  const int before = copied_;
  lock.unlock();
  const auto done = db_->copy_log();
  const bool copied_some = !done.failed && done.copied > before;
  const auto synced = copied_some ? db_->sync_file() : Result<void>{};
  const auto fault = done.failed ? db_->sync_fault() : fault_of(synced);
  tell(*db_, done, synced);
  lock.lock();
  if (fault != SyncFault::none) fault_ = fault;
  stage_ = Stage::filling;
  if (log != log_) return;  // complete, and the writer has begun another
  stage_ = Stage::rest;
  const bool whole = !done.failed && done.copied == done.frames;
  last_ = whole ? Copy::whole : done.failed && !done.busy ? Copy::failed : Copy::cut_short;
  if (!done.failed) copied_ = std::max(copied_, done.copied);
}

}  // namespace exposee::store
