#include "engine/dispatch/retry_rows.h"

#include <algorithm>
#include <utility>

namespace exposee::engine {

// Most lanes have few rows, so that as many lanes are asked for as there may be rows.
BacklogResults RetryRows::ask() {
  BacklogReads reads{.max_rows = limits_.reads_per_turn};
  for (auto n = scheduler_.want_rows(); n > 0 && reads.rows.size() < reads.max_rows; --n) {
    auto* lane = scheduler_.next_for_rows();
    if (!lane) continue;
    ask_for(*lane, false, reads.rows);
    ask_for(*lane, true, reads.rows);
  }
  if (reads.rows.empty()) return {};
  asked_ = true;
  return reads_.read(std::move(reads));
}

void RetryRows::ask_for(Lane& lane, bool by_hand, std::vector<RetryRowsRead>& reads) const {
  if (!lane.wants_rows(by_hand, scheduler_.now())) return;
  auto& window = lane.retries.line(by_hand);
  const auto [due, event] = window.horizon();
  reads.push_back({.endpoint = lane.number,
                   .life = lane.backlog.life(),
                   .by_hand = by_hand,
                   .after_due = due,
                   .after_event = event,
                   .most = static_cast<std::uint32_t>(window.begin_read())});
}

// A lane whose read fails stands in line again after a while.
Result<void> RetryRows::take(Lane& lane, const RetryRowsResult& result) {
  const auto read = result.read.by_hand ? LaneRead::rows_by_hand : LaneRead::rows_by_schedule;
  auto& window = lane.retries.line(result.read.by_hand);
  Result<void> done;
  if (!result.rows) {
    window.end_read();
    done = reads_.failed(lane, read, result.rows.error());
  } else if (!result.is_read) {
    window.end_read();
  } else {
    lane.reads.succeeded(read);
    window.take(*result.rows, lane.set_aside.later_attempts());
    owed_.recount(lane);
  }
  scheduler_.ready(lane);
  return done;
}

}  // namespace exposee::engine
