// Reader::events(): the newest events that pass a filter, at a bounded cost per call. On the reader's
// connection, inside its snapshot.
#pragma once

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/lists/coverage.h"

namespace exposee::store {

// Rows looked at per call; a filter by type has no index and passes over events of other types.
constexpr std::int64_t kMaxEventScan = 20'000;

Result<EventPage> list_events(Database& db, Coverage& coverage, const EventFilter& filter);

}  // namespace exposee::store
