// What lanes read from the store: rows of retries, their events, and events for windows, each asked for in a
// round of its own, so that none waits for another's result. Owned by the Dispatcher; engine's thread only.
#pragma once

#include <utility>
#include <vector>

#include "engine/dispatch/lane_reads.h"
#include "engine/dispatch/refills.h"
#include "engine/dispatch/retry_events.h"
#include "engine/dispatch/retry_rows.h"

namespace exposee::engine {

class ReadRounds {
 public:
  ReadRounds(const EngineLimits& limits, const Registry& registry, OwedReads& store, Scheduler& scheduler,
             BodyShares& shares, Packing& packing, OwedCount& owed, ReadTroubles& troubles)
      : reads_(store, troubles),
        rows_(limits, scheduler, owed, reads_),
        events_(limits, registry, scheduler, shares, packing, owed, troubles, reads_),
        windows_(limits, registry, scheduler, shares, packing, owed, troubles, reads_) {}

  // From now on `reader` reads, and its results come later, by take(); without one all is read as it is asked
  // for.
  void through(BacklogReader& reader, BacklogSink& sink) { reads_.through(reader, sink); }
  bool has_work() const { return rows_.has_work() || events_.has_work() || windows_.has_work(); }
  // Rows first: what they bring may be due, and an event of a retry goes before those of a window when memory
  // is short. Deliveries that turn out to be no longer owed go to `ended`. An error is the store's. `find`:
  // the lane of an endpoint, null when there is none.
  template <class Find>
  Result<void> ask(Find&& find, Instant now, std::vector<DeliveryRow>& ended) {
    Result<void> done;
    const auto read = [&](auto& which) {
      if (!which.has_work()) return;
      if (auto taken = take(which.ask(), find, now, ended); !taken) done = std::move(taken);
    };
    read(rows_);
    read(events_);
    read(windows_);
    return done;
  }
  // What was asked for.
  template <class Find>
  Result<void> take(BacklogResults&& results, Find&& find, Instant now, std::vector<DeliveryRow>& ended) {
    auto done = rows_.take(results.rows, find);
    if (auto taken = events_.take(results.events, find, now, ended); !taken) done = std::move(taken);
    if (auto taken = windows_.take(results.windows, find); !taken) done = std::move(taken);
    return done;
  }
  // Deliveries of events that were read for windows and are damaged, or cannot be read now; they are
  // forgotten here.
  template <class End, class PutOff>
  void take_unreadable(End&& end, PutOff&& put_off) {
    windows_.take_unreadable(end, put_off);
  }

 private:
  LaneReads reads_;
  RetryRows rows_;
  RetryEvents events_;
  Refills windows_;
};

}  // namespace exposee::engine
