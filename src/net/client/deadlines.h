// The attempts under way by the time at which they must end, so that a look at the clock touches those alone
// that are late, however many are under way. Attempts with the same time limit end in the order in which they
// began, so there is a queue for each limit. Owned by SenderCore, on its loop's thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>

#include "net/client/attempt.h"

namespace exposee::net {

using AttemptsInHand = AttemptList<&Attempt::in_hand>;

class Deadlines {
 public:
  // The attempt begins now. It leaves by itself when its hook is unlinked.
  void add(Attempt& attempt) { queues_[attempt.job.target->timeout].push_back(attempt); }

  // Calls `end` with each that is late; it must unlink it.
  template <class End>
  void check(MonoTime now, End&& end) {
    for (auto next = queues_.begin(); next != queues_.end();) {
      auto& queue = next->second;
      while (!queue.empty() && queue.front().deadline <= now) end(queue.front());
      next = queue.empty() ? queues_.erase(next) : std::next(next);
    }
  }
  // The first of them; MonoTime::max(): there is none.
  MonoTime next() const {
    auto soonest = MonoTime::max();
    for (const auto& [limit, queue] : queues_) {
      if (!queue.empty()) soonest = std::min(soonest, queue.front().deadline);
    }
    return soonest;
  }
  // One of them; null: there is none.
  Attempt* any() {
    for (auto& [limit, queue] : queues_) {
      if (!queue.empty()) return &queue.front();
    }
    return nullptr;
  }

 private:
  std::map<std::chrono::milliseconds, AttemptsInHand> queues_;
};

}  // namespace exposee::net
