// The marks of shards: how far all their lanes are that have no mark of their own (ports/turn.h). All stand
// on one page, and are known in memory as they stand there: so what needs them does not read it, and once it
// cannot be read it is written anew as a whole. Part of the writer; its thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/shard.h"
#include "store/sqlite/database.h"

namespace exposee::store {

using ByShard = std::array<EventSeq, kShards>;

class ShardMarks {
 public:
  explicit ShardMarks(Database& db) : db_(db) {}

  // Those that cannot be read are at the beginning. Not within a transaction, as see_to_damage().
  Result<void> load();
  // Of these shards; within a transaction, after which comes settle() or forget(). Something changes in any
  // case, so that the commit brings to disk what came before it.
  Result<void> put(ShardSet shards, const ByShard& upto);
  void settle();  // it is committed
  void forget();  // it was rolled back
  EventSeq lowest() const { return std::ranges::min(now_); }
  // After one that failed: whether their page cannot be read. The next put() goes without.
  bool see_to_damage();

 private:
  EventSeq highest(ShardSet shards) const;
  Result<void> update(ShardSet shards);

  Database& db_;
  ByShard stored_{}, now_{};  // on disk, and with this transaction
  bool unread_ = false;       // their page cannot be read
  bool putting_ = false;      // in this transaction
};

// All of them, whatever the page holds that they stand on; within a transaction.
Result<void> put_shard_marks_anew(Database& db, const ByShard& marks);

}  // namespace exposee::store
