// The thread that reads what waits for endpoints, so that no turn of the engine does: a connection of its own to the
// store, and a queue. Made by Node, which ends it after the engine and before the store.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "ports/backlog.h"

namespace exposee::app {

class BacklogThread final : public BacklogReader {
 public:
  explicit BacklogThread(std::unique_ptr<Reader> store) : store_(std::move(store)), thread_([this] { run(); }) {}
  ~BacklogThread() override { stop(); }

  // Any thread.
  void read(BacklogReads&& reads, BacklogSink& sink) override;
  // What is not read yet never is. Nothing is notified once this has returned.
  void stop();

 private:
  struct Job {
    BacklogReads reads;
    BacklogSink* sink = nullptr;
  };
  void run();
  bool next(Job& job);  // false: it is to end

  std::unique_ptr<Reader> store_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace exposee::app
