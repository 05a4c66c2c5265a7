// The marks that a checkpoint sets: of lanes, and of shards for all lanes without one (ports/turn.h). Those
// of lanes are known in memory as they stand on disk, so that a checkpoint writes what has moved and nothing
// else. Once a page of theirs cannot be read or written, the mark of each shard is as low as the lowest of
// its lanes, and their rows stay as they are: so no lane holds up a checkpoint. A row that says more than its
// shard's mark does not count (mark_rows.h). Part of the writer; its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/shard_marks.h"

namespace exposee::store {

class LaneMarks {
 public:
  explicit LaneMarks(Database& db) : db_(db), shards_(db) {}

  // What is on disk, once; not within a transaction: SQLite writes nothing more in one that has met damage.
  Result<void> load();
  // After load(), within a transaction, after which comes settle() or forget(). Error: damaged, the first time that a
  // row cannot be written; the next one goes without.
  Result<void> put(const Checkpoint& checkpoint);
  // That of an endpoint which is forgotten; likewise.
  Result<void> remove(EndpointNumber endpoint);
  void settle();  // it is committed
  void forget();  // it was rolled back
  // At or below it no lane is owed anything that has no row and stands in no pack.
  Result<EventSeq> lowest();
  // After a transaction that failed: whether that was because of a page of theirs, and the next one goes
  // without. Not within a transaction.
  bool see_to_damage();

 private:
  struct Mark {
    std::optional<EventSeq> stored;  // its row; nothing: there is none
    std::optional<EventSeq> low;     // as the last checkpoint has it; nothing: the lane needs none
    std::uint64_t round = 0;         // of the last checkpoint with it
  };

  Result<void> remove_strange();
  Result<void> put_one(const LaneMark& mark, ByShard& upto);
  Result<void> remove_others(ShardSet shards);
  Result<void> run(Query&& query);
  void note_damage();
  void set(EndpointNumber endpoint, std::optional<Mark> mark);

  Database& db_;
  ShardMarks shards_;
  std::unordered_map<EndpointNumber, Mark> marks_;
  std::vector<std::pair<EndpointNumber, std::optional<Mark>>> undo_;  // as they were before this transaction
  std::optional<EventSeq> lowest_;                                    // of the lanes; nothing: to be looked for
  std::vector<std::int64_t> strange_;  // rows that say nothing: they go with the next checkpoint
  std::uint64_t round_ = 0;
  bool loaded_ = false;
  bool damaged_ = false;             // some page of the table cannot be read
  bool found_out_ = false;           // by this transaction
  bool complete_ = true;             // no mark is unknown
  std::optional<ShardSet> putting_;  // of the checkpoint in this transaction
};

}  // namespace exposee::store
