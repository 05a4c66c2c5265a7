#include "store/sqlite/housekeeping/reply_retention.h"

#include <utility>

namespace exposee::store {

Result<bool> ReplyRetention::plan(Instant before, std::uint64_t limit) {
  old_.clear();
  removing_.reset();
  const auto most = limit + passed_over_.size();
  std::uint64_t found = 0;
  auto query = db_.query("SELECT number FROM stored_reply WHERE stored_at < ?1 ORDER BY stored_at LIMIT ?2", before, most);
  for (; query.step(); ++found) {
    if (!passed_over_.contains(query.integer(0))) old_.push_back(query.integer(0));
  }
  done_ = {.replies = old_.size(), .rows = old_.size(), .more = found == most};
  EXPOSEE_TRY(query.result());
  return !old_.empty();
}

Result<void> ReplyRetention::remove() {
  for (const auto number : old_) {
    removing_ = number;
    EXPOSEE_TRY(db_.query("DELETE FROM stored_reply WHERE number = ?1", number).run());
  }
  removing_.reset();
  return {};
}

Result<bool> ReplyRetention::pass_over_damage() {
  const auto number = std::exchange(removing_, std::nullopt);
  if (!number) return false;
  db_.tell({"stored_reply", std::to_string(*number), "it is old and cannot be removed; it stays"});
  return passed_over_.insert(*number).second;
}

}  // namespace exposee::store
