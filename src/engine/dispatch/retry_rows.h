// Brings in the rows of retries that wait behind the lanes' windows, when there is room in them, a bounded
// step at a time: asked for of many lanes at once, and not again before the result
// (engine/lane/retry_window.h says what has happened meanwhile). Owned by the Dispatcher; engine's thread
// only.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/dispatch/lane_reads.h"
#include "engine/dispatch/owed_count.h"
#include "engine/dispatch/scheduler.h"

namespace exposee::engine {

class RetryRows {
 public:
  RetryRows(const EngineLimits& limits, Scheduler& scheduler, OwedCount& owed, LaneReads& reads)
      : limits_(limits), scheduler_(scheduler), owed_(owed), reads_(reads) {}

  bool has_work() const { return !asked_ && scheduler_.want_rows() > 0; }
  // The results, if they are here already; to be taken.
  BacklogResults ask();
  // What was asked for. An error is the store's. `find`: the lane of an endpoint, null when there is none.
  template <class Find>
  Result<void> take(std::vector<RetryRowsResult>& results, Find&& find) {
    Result<void> done;
    if (!results.empty()) asked_ = false;
    for (auto& result : results) {
      auto* lane = find(result.read.endpoint);
      if (!lane || lane->backlog.life() != result.read.life) continue;  // it is gone, or has begun anew
      if (auto taken = take(*lane, result); !taken) done = std::move(taken);
    }
    return done;
  }

 private:
  void ask_for(Lane& lane, bool by_hand, std::vector<RetryRowsRead>& reads) const;
  Result<void> take(Lane& lane, const RetryRowsResult& result);

  const EngineLimits& limits_;
  Scheduler& scheduler_;
  OwedCount& owed_;
  LaneReads& reads_;
  bool asked_ = false;  // and not answered yet
};

}  // namespace exposee::engine
