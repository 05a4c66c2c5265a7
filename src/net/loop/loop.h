// One thread that waits for sockets and runs everything that happens on them: the only place in net/ that
// makes threads. Owned by a server or a sender, its LoopUser.
//
// What runs is cut into passes: a pass is a batch of ready sockets, a wake-up, a tick or a posted task, and
// ends with LoopUser::pass_ended(), where what the pass produced is handed on in one piece.
//
// It is epoll and an eventfd (loop/requests.h), nothing else: each time round the thread waits once, tells
// the sockets of one batch, then serves what other threads asked for and the tick, so that none of them waits
// for more than a batch. A socket is entered once, edge-triggered, and costs no system call after that.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace exposee::net {

// Monotonic time, for deadlines and durations; what people see comes from ports/clock.h.
using MonoTime = std::chrono::steady_clock::time_point;

struct Readiness {
  bool readable = false;
  bool writable = false;
  bool peer_closed = false;  // the peer will send nothing more; what it sent may still be unread
  bool broken = false;       // reset, or closed in both directions
};

// Told about one descriptor, on the loop's thread.
class Watcher {
 public:
  virtual void ready(Readiness readiness) = 0;

 protected:
  ~Watcher() = default;
};

// The owner's part; called on the loop's thread.
class LoopUser {
 public:
  virtual void woken() = 0;       // Loop::wake() was called, once or many times
  virtual void ticked() = 0;      // the time asked for by Loop::tick_in() is over
  virtual void pass_ended() = 0;  // after every pass, also after woken() and ticked()

 protected:
  ~LoopUser() = default;
};

class Loop {
 public:
  // `name`: of the thread, at most 15 bytes. Throws std::system_error when the system gives out no descriptor.
  Loop(std::string name, LoopUser& user);
  ~Loop();  // stop()

  void start();
  void stop();  // ends the thread after the pass at hand; any thread but the loop's; safe to call again

  // Any thread.
  void wake();                            // woken() comes before a task that is posted later
  void post(std::function<void()> task);  // for rare things
  // post() and wait until it ran. A stop() that comes first ends the waiting: then, and once stopped, it runs
  // here.
  void call(const std::function<void()>& task);

  // The rest is for the loop's thread alone (or before start()).

  // Of the pass at hand; read once per pass.
  MonoTime now() const;

  // Runs `work` on a thread of its own, then `done` on the loop's: for what takes long and is rare. stop()
  // waits for the work; after it nothing is done. False when the system gives no thread: then neither runs.
  [[nodiscard]] bool run_aside(std::function<void()> work, std::function<void()> done);

  // A tick then, or at the time of one that is pending and sooner.
  void tick_in(std::chrono::milliseconds delay);

  // Edge-triggered in both directions: read and write until EAGAIN. False when the system refuses (errno).
  [[nodiscard]] bool watch(int fd, Watcher& watcher);
  // Level-triggered, for libraries that read at their own pace; again for the same fd to change directions.
  [[nodiscard]] bool watch_level(int fd, Watcher& watcher, bool read, bool write);
  // Another watcher takes over a descriptor that watch() was called for, and is notified of its state anew;
  // `from` hears nothing more. False when the system refuses.
  [[nodiscard]] bool hand_over(int fd, Watcher& from, Watcher& to);
  // Before the descriptor is closed. `watcher` hears nothing more, not even what is already noticed.
  void unwatch(int fd, Watcher& watcher);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace exposee::net
