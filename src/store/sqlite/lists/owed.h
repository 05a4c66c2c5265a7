// What the engine reads back: events owed to a lane, events and deliveries since a checkpoint. On the
// writer's connection, so inside a transaction what was written is seen; its thread.
#pragma once

#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

// Part of what is owed to an endpoint, found by looking at all events.
struct OwedScan {
  std::vector<EventSeq> owed;  // those too that are damaged
  EventSeq scanned_to;         // go on after this one
  bool more = false;           // events beyond scanned_to exist
};
Result<OwedScan> scan_owed(Database& db, EndpointNumber endpoint, EventSeq after, std::uint32_t max_scan);

// Each as Store's call of the same purpose describes it.
Result<OwedPage> owed_events(Database& db, TypeNames& names, EndpointNumber endpoint,
                             std::span<const EventSeq> events, std::size_t max_bytes);
Result<EventBatch> events_after(Database& db, TypeNames& names, EventSeq after, std::uint32_t max_events);
Result<EventsRead> events_of(Database& db, TypeNames& names, std::span<const EventSeq> seqs,
                             std::size_t max_bytes);
Result<std::vector<DeliveryKey>> touched_after(Database& db, EventSeq after);

}  // namespace exposee::store
