// What Store::forget() and Store::forget_ended() do: endpoints that were removed, and subscriptions that have
// ended, lose their rows once nothing of theirs is kept. Part of the writer; its thread.
#pragma once

#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"

namespace exposee::store {

// Of each it looks at some rows, however many endpoints and events there are.
Result<std::vector<EndpointNumber>> forget_endpoints(Database& db, std::span<const EndpointNumber> endpoints);

// Of those that have ended it asks for events of some dozens, but for what the answers say of others.
Result<EndedSubscriptions> forget_subscriptions(Database& db, const SubscriptionKey& after,
                                                std::uint64_t limit);

}  // namespace exposee::store
