#include "app/log/log_queue.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace exposee::app {

struct LogQueue::State {
  State(LogWriter writer, Note teller, const LogQueueLimits& queue_limits)
      : write(std::move(writer)), note(std::move(teller)), limits(queue_limits) {}

  void run();
  void write_batch(std::unique_lock<std::mutex>& lock);
  void tell_dropped();

  const LogWriter write;
  const Note note;
  const LogQueueLimits limits;

  std::atomic<std::uint64_t> dropped_in_all = 0;

  std::mutex mutex;
  std::condition_variable changed;
  // Under mutex.
  std::string waiting;
  DroppedLines dropped;  // and not yet logged
  bool ending = false;
  bool ended = false;      // the thread has written everything
  bool abandoned = false;  // only the thread still uses it
};

namespace {

// Signals are the main thread's. Blocked before the thread begins, which inherits that.
template <class Work>
std::thread thread_without_signals(Work work) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  struct Restore {
    const sigset_t& mask;
    ~Restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
  } restore{before};
  return std::thread(std::move(work));
}

}  // namespace

LogQueue::LogQueue(LogWriter write, Note note, const LogQueueLimits& limits)
    : state_(std::make_shared<State>(std::move(write), std::move(note), limits)),
      thread_(thread_without_signals([state = state_] { state->run(); })) {
  pthread_setname_np(thread_.native_handle(), "log");
}

LogQueue::~LogQueue() {
  std::unique_lock lock(state_->mutex);
  state_->ending = true;
  state_->changed.notify_all();
  const bool done =
      state_->changed.wait_for(lock, state_->limits.patience, [this] { return state_->ended; });
  state_->abandoned = true;
  lock.unlock();
  if (done)
    thread_.join();
  else
    thread_.detach();
}

void LogQueue::push(std::string_view line, bool urgent) {
  {
    const std::scoped_lock lock(state_->mutex);
    const auto room = state_->limits.bytes - (urgent ? 0 : state_->limits.reserve);
    if (state_->waiting.size() + line.size() > room) {
      ++state_->dropped.unread;
      ++state_->dropped_in_all;
      return;
    }
    if (state_->dropped.unread > 0) state_->tell_dropped();
    state_->waiting += line;
  }
  state_->changed.notify_one();
}

std::uint64_t LogQueue::dropped() const {
  return state_->dropped_in_all;
}

void LogQueue::State::tell_dropped() {
  waiting += note(std::exchange(dropped, {}));
}

void LogQueue::State::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [this] { return ending || !waiting.empty(); });
    if (waiting.empty()) break;
    if (dropped.unread + dropped.unwritten > 0) tell_dropped();
    write_batch(lock);
    if (abandoned) return;
  }
  ended = true;
  changed.notify_all();
}

void LogQueue::State::write_batch(std::unique_lock<std::mutex>& lock) {
  const auto batch = std::exchange(waiting, {});
  lock.unlock();
  const bool written = write(batch);
  lock.lock();
  if (written) return;
  const auto lines = static_cast<std::uint64_t>(std::ranges::count(batch, '\n'));
  dropped.unwritten += lines;
  dropped_in_all += lines;
}

}  // namespace exposee::app
