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
Result<OwedScan> scan_owed(Database& db, TypeNames& names, EndpointNumber endpoint, EventSeq after,
                           std::uint32_t max_scan);

// Each as Store's call of the same purpose describes it.
Result<OwedPage> owed_events(Database& db, TypeNames& names, EndpointNumber endpoint,
                             std::span<const EventSeq> events, std::size_t max_bytes);
// Of some events, those that an open interval covers and nothing has touched, and those that may be so: of
// what cannot be read nothing is known, whatever its type is said to be.
struct StillOwed {
  std::vector<EventSeq> events;
  std::uint64_t unowed = 0;   // others, which no open interval covers
  std::size_t looked_at = 0;  // of all: when they are large the rest is left for another time
};
Result<StillOwed> still_owed(Database& db, TypeNames& names, EndpointNumber endpoint,
                             std::span<const EventSeq> events);
// Of some events, those that are there, can be read, and no open interval covers.
struct Uncovered {
  std::vector<EventSeq> events;
  std::size_t looked_at = 0;  // likewise
};
Result<Uncovered> uncovered(Database& db, TypeNames& names, EndpointNumber endpoint,
                            std::span<const EventSeq> events);
Result<EventBatch> events_after(Database& db, TypeNames& names, EventSeq after, std::uint32_t max_events);
Result<EventsRead> events_of(Database& db, TypeNames& names, std::span<const EventSeq> seqs,
                             std::size_t max_bytes);
Result<std::vector<DeliveryKey>> touched_after(Database& db, EventSeq after);

}  // namespace exposee::store
