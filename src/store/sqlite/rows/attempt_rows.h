// Outcomes of attempts: append them, read them back. First attempts that succeeded are packed
// (success_rows.h), every other one has a row in the attempt table. Part of one connection; its thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/bulk_insert.h"
#include "store/sqlite/rows/success_rows.h"

namespace exposee::store {

// Appends outcomes; one that is there already is told and left out. The writer's.
class AttemptAppender {
 public:
  explicit AttemptAppender(Database& db);
  Result<void> add(std::span<const AttemptRow> attempts);

 private:
  Result<void> tell_ignored();

  Database& db_;
  BulkInsert insert_;
  SuccessAppender successes_;
  std::vector<const AttemptRow*> rows_, plain_;  // kept for their memory
};

// The last `limit` attempts with a number below `before`, in order of number.
Result<std::vector<AttemptRow>> read_attempts(Database& db, const DeliveryKey& key, std::uint32_t before,
                                              std::uint32_t limit);
// The words of the last failed attempt, without reading any body.
Result<std::string> read_last_failure(Database& db, const DeliveryKey& key);

// All attempts at one delivery in short.
struct AttemptSummary {
  std::uint32_t count = 0;  // number of the last one; 0: there was none
  bool succeeded = false;   // any of them
  int last_status = 0;      // of HTTP, of the last one
  Instant last_started_at;
  Instant last_ended_at;
};
Result<AttemptSummary> summarize_attempts(Database& db, SuccessIndex& successes, const DeliveryKey& key);

}  // namespace exposee::store
