#include "api/wire/read_pool.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace exposee::api {

ReadPool::ReadPool(ReaderSource& source, unsigned threads, std::size_t max_queued)
    : source_(source), max_queued_(max_queued), max_heavy_(std::max(threads, 2u) - 1) {
  try {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (...) {  // the system gives out no more: those that were made must end
    end_threads();
    throw;
  }
}

ReadPool::~ReadPool() {
  end_threads();
  for (const auto& job : light_) job(nullptr);
  for (const auto& job : steps_) job(nullptr);
  for (const auto& job : heavy_) job(nullptr);
}

void ReadPool::end_threads() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool ReadPool::submit(Job job, Weight weight) {
  return enqueue(weight == Weight::heavy ? heavy_ : light_, std::move(job), max_queued_);
}

bool ReadPool::finish(Job job, Weight weight) {
  return enqueue(weight == Weight::heavy ? heavy_ : steps_, std::move(job), std::numeric_limits<std::size_t>::max());
}

bool ReadPool::enqueue(std::deque<Job>& queue, Job&& job, std::size_t max_queued) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || light_.size() + heavy_.size() >= max_queued) return false;
    queue.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void ReadPool::work() {
  std::unique_ptr<Reader> reader;
  for (auto taken = next(); taken.job; taken = next()) {
    if (!reader) {
      if (auto opened = source_.open_reader()) reader = *std::move(opened);
    }
    taken.job(reader.get());
    taken.job = {};  // what it holds goes now, not with the next job
    ended(taken.weight);
  }
}

bool ReadPool::may_take_heavy() const {
  return !heavy_.empty() && heavy_under_way_ < max_heavy_;
}

std::deque<ReadPool::Job>& ReadPool::light_queue() {
  const bool step = light_.empty() || (step_next_ && !steps_.empty());
  step_next_ = !step;
  return step ? steps_ : light_;
}

ReadPool::Next ReadPool::next() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return ending_ || !light_.empty() || !steps_.empty() || may_take_heavy(); });
  if (ending_) return {};
  // Heavy ones first: they never take the last thread, and would otherwise wait for as long as light ones
  // come.
  const auto weight = may_take_heavy() ? Weight::heavy : Weight::light;
  auto& queue = weight == Weight::heavy ? heavy_ : light_queue();
  heavy_under_way_ += weight == Weight::heavy;
  Next taken{std::move(queue.front()), weight};
  queue.pop_front();
  return taken;
}

void ReadPool::ended(Weight weight) {
  if (weight == Weight::light) return;
  {
    const std::lock_guard lock(mutex_);
    --heavy_under_way_;
  }
  wake_.notify_one();
}

}  // namespace exposee::api
