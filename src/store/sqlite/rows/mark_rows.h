// How far everything has come, as a start reads it: the marks of lanes and shards (put by lane_marks.h),
// where a lane's counts if it says less than its shard's; the last turn of each node, and its epoch. Part of
// the writer's connection; its thread.
#pragma once

#include "ports/store.h"
#include "store/sqlite/database.h"

namespace exposee::store {

// Of StartState: marks, checkpoints, last_turn.
Result<void> load_marks(Database& db, StartState& state);
Result<void> load_last_turn(Database& db, StartState& state);
// Their rows are changed and never added, so that each shard's must be there; before the first transaction.
// Where their page is damaged they are written anew, from the beginning.
Result<void> mend_shard_marks(Database& db);

// At or below it no lane is owed anything that has no row and stands in no pack; as it is on disk.
Result<EventSeq> lowest_mark(Database& db);

// `last_event`: the last one that any turn has stored until now; zero: not known.
Result<void> put_marker(Database& db, const TurnMarker& marker, EventSeq last_event);
Result<bool> has_marker(Database& db, const TurnMarker& marker);  // it, or a later one of its node

Result<std::uint64_t> raise_epoch_row(Database& db, std::uint64_t node);  // the new one

}  // namespace exposee::store
