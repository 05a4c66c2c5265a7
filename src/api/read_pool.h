// Threads that read the store, so that neither the server nor a turn of the engine ever waits for a look-up.
// Each has a Reader of its own, opened at its first job. The queue is bounded: over it a read is refused
// (503), because a queue that grows only makes everybody wait longer. Owned by Api. submit() from any thread;
// destruction finishes the jobs that are queued, without a reader.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ports/store.h"

namespace exposee::api {

class ReadPool {
 public:
  // `reader` is null when none can be had: the store is away, or the pool is ending. Must not throw.
  using Job = std::function<void(Reader* reader)>;

  ReadPool(ReaderSource& source, unsigned threads, std::size_t max_queued);
  ~ReadPool();
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  // False: the queue is full or the pool is ending; the job will not run.
  [[nodiscard]] bool submit(Job job);

 private:
  void work();
  void end_threads();
  Job next();  // empty when the pool is ending

  ReaderSource& source_;
  const std::size_t max_queued_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace exposee::api
