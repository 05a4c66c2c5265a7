// The delivery table: rows of deliveries that deviate, by key, by due time and by status. What they say is
// raw: the rules of ports/store.h are applied in delivery_state.h. Part of one connection; its thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/bulk_insert.h"

namespace exposee::store {

// Insert or replace. The writer's.
class DeliveryPutter {
 public:
  explicit DeliveryPutter(Database& db);
  Result<void> put(std::span<const DeliveryRow> rows);

 private:
  BulkInsert upsert_;
};

// Every query below that gives rows selects these, in this order.
#define EXPOSEE_DELIVERY_COLUMNS                                                                       \
  "event, endpoint, status, attempts, round_start, manual, once, due, cause, http_status, updated_at," \
  " by_hand, asked, resumes_at, not_before, brought_forward"
DeliveryRow read_delivery(const Query& query);

Result<std::optional<DeliveryRow>> find_delivery_row(Database& db, const DeliveryKey& key);
Result<std::vector<DeliveryRow>> pending_rows(Database& db, EndpointNumber endpoint, Instant after_due,
                                              EventSeq after_event, std::uint32_t limit);
Result<std::vector<DeliveryRow>> asked_rows(Database& db, EndpointNumber endpoint, Instant after_due,
                                            EventSeq after_event, std::uint32_t limit);
Result<std::uint64_t> cancel_pending_rows(Database& db, EndpointNumber endpoint, std::uint64_t limit,
                                          Instant now);
Result<std::vector<StartState::LanePending>> count_pending(Database& db);
// Before the first transaction: no pending row is without a time that can be read.
Result<void> mend_due_times(Database& db);

}  // namespace exposee::store
