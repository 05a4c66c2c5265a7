// The attempt table: append outcomes, read them back. Part of one connection; its thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/bulk_insert.h"
#include "store/sqlite/database.h"

namespace exposee::store {

// Appends outcomes. The writer's.
class AttemptAppender {
 public:
  explicit AttemptAppender(Database& db);
  Result<void> add(std::span<const AttemptRow> attempts);

 private:
  BulkInsert insert_;
  std::vector<const AttemptRow*> sorted_;  // kept for its memory
};

Result<std::vector<AttemptRow>> read_attempts(Database& db, const DeliveryKey& key);  // in order of number

// All attempts at one delivery in short.
struct AttemptSummary {
  std::uint16_t count = 0;  // number of the last one; 0: there was none
  bool succeeded = false;   // any of them
  int last_status = 0;      // of HTTP, of the last one
  Instant last_started_at;
  Instant last_ended_at;
};
Result<AttemptSummary> summarize_attempts(Database& db, const DeliveryKey& key);

}  // namespace exposee::store
