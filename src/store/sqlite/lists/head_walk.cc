#include "store/sqlite/lists/head_walk.h"

namespace exposee::store {

void HeadWalk::begin() {
  query_.reset();  // the statement is free again
  query_.emplace(db_.query(
      "SELECT seq, id, type, version, accepted_at FROM event WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq DESC",
      left_.first, left_.last));
}

Result<std::optional<EventHead>> HeadWalk::next() {
  while (!query_->step()) {
    const auto read = query_->result();
    if (read) return std::optional<EventHead>{};
    EXPOSEE_TRY(go_round(read.error()));
  }
  auto head = read_head(*query_);
  left_.last = EventSeq{head.seq.value - 1};
  return std::optional(std::move(head));
}

Result<void> HeadWalk::go_round(const Error& damage) {
  if (damage.code != ErrorCode::damaged) return damage;
  query_.reset();
  auto behind = behind_damage(db_, left_, Towards::older);
  if (!behind) return std::move(behind).error();
  if (!*behind) return damage;
  db_.tell({"event", std::to_string((*behind)->value + 1) + " to " + std::to_string(left_.last.value),
            "SQLite finds their page damaged; lists go on without them"});
  left_.last = **behind;
  begin();
  return {};
}

}  // namespace exposee::store
