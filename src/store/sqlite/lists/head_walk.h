// Walks backwards through the heads of events, newest first. What lies on pages that are damaged it names and leaves out,
// as long as there is something behind. Part of a reader, inside its snapshot; its thread.
#pragma once

#include <optional>

#include "store/sqlite/database.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

class HeadWalk {
 public:
  HeadWalk(Database& db, SeqRange range) : db_(db), left_(range) { begin(); }

  // The next one; nothing: no more.
  Result<std::optional<EventHead>> next();

 private:
  void begin();
  Result<void> go_round(const Error& damage);

  Database& db_;
  SeqRange left_;  // what was not walked yet
  std::optional<Query> query_;
};

}  // namespace exposee::store
