// A chore of the store that is told of once when it fails, and once when it works again. Any thread.
#pragma once

#include <atomic>

#include "ports/store_chores.h"

namespace exposee::store {

class ToldChore {
 public:
  // `sink` outlives this; null: not reported.
  ToldChore(StoreChore chore, StoreChoreSink* sink) : chore_(chore), sink_(sink) {}

  void note(const Result<void>& done) {
    if (failing_.load(std::memory_order_relaxed) == !done) [[likely]]
      return;
    if (failing_.exchange(!done) == !done || !sink_) return;
    done ? sink_->chore_recovered(chore_) : sink_->chore_failed(chore_, done.error());
  }

 private:
  const StoreChore chore_;
  StoreChoreSink* const sink_;
  std::atomic<bool> failing_ = false;
};

}  // namespace exposee::store
