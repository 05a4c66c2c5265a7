// The door for what a store does beside its transactions, and whose failing no call would show: nothing that
// was acknowledged depends on it, but its operator should know.
#pragma once

#include <cstdint>

#include "core/result.h"

namespace exposee {

enum class StoreChore : std::uint8_t {
  log_mark,  // notes how far the log is on disk, so that a start finds damage in it
  log_copy,  // copies the log into the data file while the store is open
  log_end,   // merges the log into the data file when the store closes
};

// Any thread; must not block.
class StoreChoreSink {
 public:
  virtual ~StoreChoreSink() = default;
  // Once, until it has succeeded again.
  virtual void chore_failed(StoreChore chore, const Error& error) = 0;
  virtual void chore_recovered(StoreChore chore) = 0;
};

}  // namespace exposee
