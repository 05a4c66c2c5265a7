#include "api/read_pool.h"

#include <utility>

namespace exposee::api {

ReadPool::ReadPool(ReaderSource& source, unsigned threads, std::size_t max_queued)
    : source_(source), max_queued_(max_queued) {
  try {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (...) {  // the system gives out no more: those that were made must end
    end_threads();
    throw;
  }
}

ReadPool::~ReadPool() {
  end_threads();
  for (const auto& job : queue_) job(nullptr);
}

void ReadPool::end_threads() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool ReadPool::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || queue_.size() >= max_queued_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void ReadPool::work() {
  std::unique_ptr<Reader> reader;
  while (const Job job = next()) {
    if (!reader) {
      if (auto opened = source_.open_reader()) reader = *std::move(opened);
    }
    job(reader.get());
  }
}

ReadPool::Job ReadPool::next() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
  if (ending_) return {};
  Job job = std::move(queue_.front());
  queue_.pop_front();
  return job;
}

}  // namespace exposee::api
