// What a store does beside its transactions, in the log: when it fails and when it works again. Any thread.
#pragma once

#include "app/log/log.h"
#include "ports/store_chores.h"

namespace exposee::app {

class ChoreLog final : public StoreChoreSink {
 public:
  explicit ChoreLog(Log& log) : log_(log) {}  // `log` outlives it

  void chore_failed(StoreChore chore, const Error& error) override;
  void chore_recovered(StoreChore chore) override;

 private:
  Log& log_;
};

}  // namespace exposee::app
