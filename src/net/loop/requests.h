// What other threads ask of a loop's thread, as bits, and the descriptor that ends its sleep. Asking costs a
// system call only while the thread sleeps, and only the first request pays it. Owned by a Loop.
#pragma once

#include <atomic>

#include "net/loop/fd.h"

namespace exposee::net {

class Requests {
 public:
  enum Kind : unsigned { kWoken = 1, kTasks = 2, kStop = 4 };

  Requests();  // throws std::system_error when the system gives out no descriptor

  // Becomes readable, in the sense of an edge, when the thread sleeps and something is asked. It is never
  // read: the next edge comes all the same.
  int fd() const { return bell_.get(); }

  // Any thread. What was written before is seen by the thread that takes the request.
  void ask(Kind kind);
  bool asked(Kind kind) const { return (state_.load(std::memory_order_seq_cst) & kind) != 0; }

  // The loop's thread alone. From here until awake() each request rings. False: something is asked, do not
  // sleep.
  bool fall_asleep();
  void awake();
  // Those of `kinds` that are asked, which they then no longer are.
  unsigned take(unsigned kinds);

 private:
  static constexpr unsigned kAsleep = 8;

  Fd bell_;
  std::atomic<unsigned> state_{0};
};

}  // namespace exposee::net
