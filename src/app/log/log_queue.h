// Where log lines wait to be written: a bounded queue, and a thread that writes it. Standard error
// may be a pipe without a reader, a stopped terminal, a full disk; none of them may hold up a turn. What does
// not fit is dropped, counted, and noted in the place where it is missing. Owned by Log; push() from any
// thread.
//
// A library's queue would not do: spdlog's waits at its end for a write that may never return.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace exposee::app {

// Writes whole lines, however long it takes; false: they, or some of them, went nowhere.
using LogWriter = std::function<bool(std::string_view lines)>;

struct DroppedLines {
  std::uint64_t unread = 0;     // the queue was full
  std::uint64_t unwritten = 0;  // the writer failed
};

struct LogQueueLimits {
  std::size_t bytes = 1024 * 1024;   // that wait; as much again may be in the writer's hands
  std::size_t reserve = 128 * 1024;  // of them, for urgent lines alone
  std::chrono::milliseconds patience{1'000};  // for what still waits at the end
};

class LogQueue {
 public:
  // `note`: a line about dropped ones; called on any thread, under the queue's lock.
  using Note = std::function<std::string(const DroppedLines&)>;

  // Throws std::system_error when the system gives out no thread.
  LogQueue(LogWriter write, Note note, const LogQueueLimits& limits = {});
  // Writes what still waits, within the grace. A thread that is stuck in the writer is left behind,
  // and touches nothing more but the writer.
  ~LogQueue();
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // `urgent`: a warning or an error.
  void push(std::string_view line, bool urgent);

  std::uint64_t dropped() const;  // lines, in all; any thread

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace exposee::app
