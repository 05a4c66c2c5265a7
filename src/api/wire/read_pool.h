// Threads for what takes longer than a request may take of the server's thread: reading the store, and
// rendering replies that grow with what is stored or registered. Neither the server nor a turn of the engine
// ever waits for them. Each thread has a Reader of its own, opened at its first job. The queue is bounded:
// over it a job is refused (503), because a queue that grows only makes everyone wait longer. Heavy jobs
// (large reports) leave one thread to the light ones, so a few of them do not block all reads.
// Owned by Api. submit() from any thread; destruction runs the jobs that are queued, without a reader.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ports/store.h"

namespace exposee::api {

enum class Weight : std::uint8_t {
  light,  // bounded by a page, or a piece of a list
  heavy,  // grows with what is registered
};

class ReadPool {
 public:
  // `reader` is null when none can be had: the store is away, or the pool is ending. Must not throw.
  using Job = std::function<void(Reader* reader)>;

  ReadPool(ReaderSource& source, unsigned threads, std::size_t max_queued);
  ~ReadPool();
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  // False: the queue is full or the pool is ending; the job will not run.
  [[nodiscard]] bool submit(Job job, Weight weight = Weight::light);
  // A further step of something that was admitted elsewhere, which bounds how many there are: only refused
  // when the pool is ending. Light ones take turns with new jobs and take no place in their queue, so that
  // long lists and their slow clients keep no other call from reading.
  [[nodiscard]] bool finish(Job job, Weight weight);

 private:
  struct Next {
    Job job;  // empty when the pool is ending
    Weight weight = Weight::light;
  };
  bool enqueue(std::deque<Job>& queue, Job&& job, std::size_t max_queued);
  void work();
  void end_threads();
  Next next();
  bool may_take_heavy() const;
  std::deque<Job>& light_queue();  // whose turn it is
  void ended(Weight weight);

  ReaderSource& source_;
  const std::size_t max_queued_;
  const std::size_t max_heavy_;  // under way
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> light_, steps_, heavy_;  // steps_: further ones, light
  bool step_next_ = false;
  std::size_t heavy_under_way_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace exposee::api
