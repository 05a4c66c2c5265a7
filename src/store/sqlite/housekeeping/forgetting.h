// What Store::forget() and Store::forget_ended() do: endpoints that were removed, and subscriptions that have
// ended, lose their rows once nothing of theirs is kept. Which those are is found out before the transaction that
// removes them: SQLite writes nothing more in one that has met damage. Part of the writer; its thread.
#pragma once

#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/lane_marks.h"

namespace exposee::store {

// Of each it looks at some rows, however many endpoints and events there are.
Result<std::vector<EndpointNumber>> forgettable(Database& db, std::span<const EndpointNumber> endpoints);
Result<void> remove_endpoints(Database& db, LaneMarks& marks, std::span<const EndpointNumber> endpoints);

// Of those that have ended it asks for events of some dozens, but for what the answers say of others.
struct EndedPlan {
  EndedSubscriptions done;
  std::vector<SubscriptionKey> going;
};
Result<EndedPlan> plan_forget_ended(Database& db, const SubscriptionKey& after, std::uint64_t limit);
Result<void> remove_subscriptions(Database& db, std::span<const SubscriptionKey> keys);

}  // namespace exposee::store
