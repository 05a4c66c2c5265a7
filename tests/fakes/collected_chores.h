// What a store tells of its chores, kept in the order in which it was told. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "ports/store_chores.h"

namespace exposee::fakes {

class CollectedChores final : public StoreChoreSink {
 public:
  struct Told {
    StoreChore chore;
    bool failed;
    Error error;
  };

  void chore_failed(StoreChore chore, const Error& error) override { add({chore, true, error}); }
  void chore_recovered(StoreChore chore) override { add({chore, false, {}}); }
  std::vector<Told> told() const {
    const std::scoped_lock lock(mutex_);
    return told_;
  }

 private:
  void add(Told told) {
    const std::scoped_lock lock(mutex_);
    told_.push_back(std::move(told));
  }

  mutable std::mutex mutex_;
  std::vector<Told> told_;
};

}  // namespace exposee::fakes
