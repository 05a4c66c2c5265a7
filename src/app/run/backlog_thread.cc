#include "app/run/backlog_thread.h"

#include <utility>

namespace exposee::app {

void BacklogThread::read(BacklogReads&& reads, BacklogSink& sink) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back({std::move(reads), &sink});
  came_.notify_one();
}

void BacklogThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    came_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

bool BacklogThread::next(Job& job) {
  std::unique_lock lock(mutex_);
  came_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
  if (stopping_) return false;
  job = std::move(jobs_.front());
  jobs_.pop_front();
  return true;
}

void BacklogThread::run() {
  for (Job job; next(job);) job.sink->backlog_read(carry_out(*store_, std::move(job.reads)));
}

}  // namespace exposee::app
