#include "store/sqlite/log_keeper.h"

#include <pthread.h>

namespace exposee::store {

Result<std::unique_ptr<LogKeeper>> LogKeeper::start(const std::string& file, bool durable,
                                                    const LogLimits& limits) {
  auto db = Database::open(file, {.durable = durable});
  if (!db) return std::move(db).error();
  return std::unique_ptr<LogKeeper>(new LogKeeper(*std::move(db), limits));
}

LogKeeper::LogKeeper(std::unique_ptr<Database> db, const LogLimits& limits)
    : limits_(limits), db_(std::move(db)), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "log-keeper");
}

LogKeeper::~LogKeeper() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LogKeeper::committed(Database& writer) {
  const int frames = writer.log_frames();
  if (frames < std::exchange(frames_, frames)) begin_anew();
  if (frames - finished_at_ < limits_.copied_at || !may_finish()) return;
  (void)writer.copy_log();
  finished_at_ = frames;
}

void LogKeeper::begin_anew() {
  finished_at_ = 0;
  const std::scoped_lock lock(mutex_);
  if (stage_ == Stage::rest) stage_ = Stage::filling;  // nothing was left
}

bool LogKeeper::may_finish() {
  std::unique_lock lock(mutex_);
  if (stage_ == Stage::filling) {
    stage_ = Stage::copying;
    changed_.notify_all();
  }
  if (frames_ - finished_at_ >= limits_.most)
    changed_.wait(lock, [this] { return stage_ != Stage::copying; });
  if (stage_ == Stage::copying) return false;
  stage_ = Stage::filling;
  return true;
}

void LogKeeper::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || stage_ == Stage::copying; });
    if (ending_) return;
    lock.unlock();
    // What was committed meanwhile is not copied, and SQLite leaves the file unsynced: done here, or the
    // writer would wait for all of it.
    if (!db_->copy_log()) db_->sync_file();
    lock.lock();
    stage_ = Stage::rest;
    changed_.notify_all();
  }
}

}  // namespace exposee::store
