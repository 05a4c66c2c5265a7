#include "store/sqlite/rows/mark_rows.h"

#include <algorithm>
#include <bitset>

#include "store/sqlite/rows/event_rows.h"
#include "store/sqlite/rows/numbers.h"
#include "store/sqlite/rows/shard_marks.h"

namespace exposee::store {
namespace {

// Turns, or epochs: a damaged number may be so great that none can follow it.
constexpr std::int64_t kMostCounted = std::int64_t{1} << 62;

constexpr std::string_view kLookedForAnew = "what is owed is looked for from the beginning";

std::int64_t as_stored(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

Result<void> load_lane_marks(Database& db, StartState& state) {
  auto marks = db.query("SELECT endpoint, low_water FROM lane_mark ORDER BY endpoint");
  while (marks.step()) {
    const auto endpoint = marks.number<EndpointNumber>(0);
    state.marks.push_back({endpoint, std::min(marks.number<EventSeq>(1), state.checkpoint(endpoint))});
    marks.tell_fault("lane_mark", kLookedForAnew, state.marks.back().endpoint.value);
  }
  if (!marks.is_unreadable()) return marks.result();
  db.tell({"lane_mark", "of some endpoints", "they cannot be read; " + std::string(kLookedForAnew)});
  state.marks.clear();
  state.checkpoints.fill({});
  return {};
}

// One that is missing is at the beginning.
Result<void> load_checkpoints(Database& db, StartState& state) {
  auto rows = db.query("SELECT shard, low_water FROM shard_mark");
  while (rows.step()) {
    const auto shard = rows.as<std::uint64_t>(0);
    if (shard < kShards) state.checkpoints[shard] = rows.number<EventSeq>(1);
    rows.tell_fault("shard_mark", kLookedForAnew, shard);
  }
  return rows.result();
}

}  // namespace

Result<void> load_marks(Database& db, StartState& state) {
  EXPOSEE_TRY(load_checkpoints(db, state));
  return load_lane_marks(db, state);
}

Result<void> load_last_turn(Database& db, StartState& state) {
  auto query = db.query("SELECT turn, last_event FROM turn_marker WHERE node = ?1", as_stored(state.last_turn.node));
  if (query.step()) {
    state.last_turn.turn = static_cast<std::uint64_t>(query.integer(0, 0, kMostCounted));
    (void)query.integer(1, 0, as_stored(kLastCounted.value));
    query.tell_fault("turn_marker", "it is found out anew", state.last_turn.node);
  }
  return query.result();
}

namespace {

Result<void> begin_anew(Database& db) {
  db.tell({"shard_mark", "of all shards", "they cannot be read; " + std::string(kLookedForAnew)});
  EXPOSEE_TRY(db.execute("BEGIN IMMEDIATE"));
  EXPOSEE_TRY(put_shard_marks_anew(db, {}));
  return db.execute("COMMIT");
}

}  // namespace

// A row of no shard would stay where it is, and hold everything up that asks for the lowest mark.
Result<void> mend_shard_marks(Database& db) {
  std::bitset<kShards> found;
  bool others = false;
  auto rows = db.query("SELECT shard BETWEEN 0 AND 63, shard FROM shard_mark");
  while (rows.step()) {
    if (rows.integer(0) == 1) {
      found.set(rows.as<std::uint64_t>(1));
    } else {
      others = true;
    }
  }
  if (auto read = rows.result(); !read)
    return read.error().code == ErrorCode::damaged ? begin_anew(db) : read;
  if (others) {
    db.tell({"shard_mark", "beyond 63", "it is of no shard; it is removed"});
    EXPOSEE_TRY(db.query("DELETE FROM shard_mark WHERE shard NOT BETWEEN 0 AND 63").run());
  }
  for (unsigned shard = 0; shard < kShards; ++shard) {
    if (found.test(shard)) continue;
    db.tell({"shard_mark", std::to_string(shard), "it is missing; " + std::string(kLookedForAnew)});
    EXPOSEE_TRY(db.query("INSERT INTO shard_mark VALUES (?1, 0)", std::int64_t{shard}).run());
  }
  return {};
}

Result<EventSeq> lowest_mark(Database& db) {
  return first_number<EventSeq>(db.query(
      "SELECT min(low_water) FROM (SELECT min(low_water) AS low_water FROM shard_mark"
      " UNION ALL SELECT min(low_water) FROM lane_mark)"));
}

Result<void> put_marker(Database& db, const TurnMarker& marker, EventSeq last_event) {
  return db
      .query("INSERT OR REPLACE INTO turn_marker VALUES (?1, ?2, ?3)", as_stored(marker.node),
             as_stored(marker.turn), last_event)
      .run();
}

Result<bool> has_marker(Database& db, const TurnMarker& marker) {
  auto query = db.query("SELECT turn FROM turn_marker WHERE node = ?1", as_stored(marker.node));
  const bool found = query.step() && query.as<std::uint64_t>(0) >= marker.turn;
  EXPOSEE_TRY(query.result());
  return found;
}

Result<std::uint64_t> raise_epoch_row(Database& db, std::uint64_t node) {
  std::uint64_t epoch = 0;
  auto query = db.query("SELECT epoch FROM node WHERE id = ?1", as_stored(node));
  if (query.step()) {
    epoch = static_cast<std::uint64_t>(query.integer(0, 0, kMostCounted));
    query.tell_fault("node", "its epochs are counted anew", node);
  }
  EXPOSEE_TRY(query.result());
  ++epoch;
  EXPOSEE_TRY(db.query("INSERT OR REPLACE INTO node VALUES (?1, ?2)", as_stored(node), as_stored(epoch)).run());
  return epoch;
}

}  // namespace exposee::store
