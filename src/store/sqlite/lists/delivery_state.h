// The rules of ports/store.h that say how a delivery stands: its row, what is derived where there is none,
// and when a pending row counts as cancelled. Values only, but for find_state.
#pragma once

#include <optional>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/lists/coverage.h"
#include "store/sqlite/rows/attempt_rows.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

// A row as it counts: a pending one that no open interval covers, and that is not by hand, is cancelled.
DeliveryRow as_it_counts(DeliveryRow row, Cover cover);

// What a delivery without a row is, given that `cover` is not none.
DeliveryRow derive(const DeliveryKey& key, Cover cover, Instant accepted_at, const AttemptSummary& attempts);

// Of one delivery, read from the tables; nothing when its event is gone or was never owed to the endpoint.
struct DeliveryState {
  DeliveryRow row;
  EventHead event;
  AttemptSummary attempts;
};
Result<std::optional<DeliveryState>> find_state(Database& db, TypeNames& names, const DeliveryKey& key);

}  // namespace exposee::store
