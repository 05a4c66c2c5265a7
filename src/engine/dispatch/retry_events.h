// Brings in the events of retries, ahead of their start: a retry waits as a row, which knows only the number
// of its event, and starts once that is here. Asked for of many lanes at once, those that are due and may
// start soon, and not again before the result. Owned by the Dispatcher; engine's thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/dispatch/body_shares.h"
#include "engine/dispatch/lane_reads.h"
#include "engine/dispatch/owed_count.h"
#include "engine/dispatch/scheduler.h"
#include "engine/registry.h"

namespace exposee::engine {

class RetryEvents {
 public:
  RetryEvents(const EngineLimits& limits, const Registry& registry, Scheduler& scheduler, BodyShares& shares,
              Packing& packing, OwedCount& owed, ReadTroubles& troubles, LaneReads& reads)
      : limits_(limits),
        registry_(registry),
        scheduler_(scheduler),
        shares_(shares),
        packing_(packing),
        owed_(owed),
        troubles_(troubles),
        reads_(reads) {}

  bool has_work() const { return !asked_ && scheduler_.want_retry_events() > 0; }
  // The results, if they are here already; to be taken.
  BacklogResults ask();
  // What was asked for. Deliveries that turn out to be no longer owed go to `ended`. An error is the store's.
  // `find`: the lane of an endpoint, null when there is none.
  template <class Find>
  Result<void> take(std::vector<RetryEventsResult>& results, Find&& find, Instant now,
                    std::vector<DeliveryRow>& ended) {
    Result<void> done;
    if (!results.empty()) end_asking();
    for (auto& result : results) {
      auto* lane = find(result.read.endpoint);
      if (!lane || lane->backlog.life() != result.read.life) continue;  // it is gone, or has begun anew
      if (auto taken = take(*lane, std::move(result), now, ended); !taken) done = std::move(taken);
    }
    return done;
  }

 private:
  void ask_for(Lane& lane, BacklogReads& reads);
  void end_asking();
  Result<void> take(Lane& lane, RetryEventsResult&& result, Instant now, std::vector<DeliveryRow>& ended);
  void take_read(Lane& lane, RetryEventsResult&& result, Instant now, std::vector<DeliveryRow>& rows);
  void take_events(Lane& lane, RetryEventsResult&& result, Instant now, std::vector<DeliveryRow>& ended);
  // Nothing: the delivery is to be made. Else it is the row that ends it.
  std::optional<DeliveryRow> end_of(const DeliveryRow& row, const Event* event, Instant now) const;

  const EngineLimits& limits_;
  const Registry& registry_;
  Scheduler& scheduler_;
  BodyShares& shares_;
  Packing& packing_;
  OwedCount& owed_;
  ReadTroubles& troubles_;
  LaneReads& reads_;
  std::size_t asked_events_ = 0, asked_bytes_ = 0;  // in what is being put together, or is out
  bool asked_ = false;                              // and not answered yet
};

}  // namespace exposee::engine
