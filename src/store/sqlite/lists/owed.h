// What the engine reads back: events owed to a lane, events and deliveries since a checkpoint. On the
// writer's connection, so inside a transaction what was written is seen; its thread.
#pragma once

#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

// Each as Store's call of the same purpose describes it.
Result<OwedPage> owed_events(Database& db, TypeNames& names, EndpointNumber endpoint, EventSeq after,
                             std::uint32_t max_scan, std::uint32_t max_events);
Result<EventBatch> events_after(Database& db, TypeNames& names, EventSeq after, std::uint32_t max_events);
Result<std::vector<EventRef>> events_of(Database& db, TypeNames& names, std::span<const EventSeq> seqs);
Result<std::vector<DeliveryKey>> touched_after(Database& db, EventSeq after);

}  // namespace exposee::store
