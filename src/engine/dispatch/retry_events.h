// The events of retries, which are read back as they start: a retry waits as a row, which knows only the number of its
// event. Owned by the Dispatcher; engine's thread only.
#pragma once

#include <span>
#include <vector>

#include "engine/dispatch/body_shares.h"
#include "engine/dispatch/flights.h"
#include "engine/dispatch/owed_count.h"
#include "engine/dispatch/read_troubles.h"
#include "engine/dispatch/scheduler.h"
#include "ports/sender.h"
#include "ports/store.h"

namespace exposee::engine {

class RetryEvents {
 public:
  RetryEvents(const EngineLimits& limits, const Registry& registry, Store& store, Flights& flights,
              Scheduler& scheduler, BodyShares& shares, OwedCount& owed, ReadTroubles& troubles)
      : limits_(limits),
        registry_(registry),
        store_(store),
        flights_(flights),
        scheduler_(scheduler),
        shares_(shares),
        owed_(owed),
        troubles_(troubles) {}

  // Reads the events of jobs that know only their number. Deliveries that turn out to be no longer owed go to
  // `unowed`; jobs whose events could not be read, or are too much for one turn, are back in their lanes. An error is
  // the store's.
  Result<void> fetch(Instant now, std::vector<SendJob>& jobs, std::vector<DeliveryRow>& unowed);

 private:
  Result<EventsRead> read(std::span<const SendJob> jobs);
  Result<void> fetch_by_lane(Instant now, std::vector<SendJob>& jobs, std::vector<DeliveryRow>& unowed);
  Result<void> fetch_of(Lane& lane, Instant now, std::vector<SendJob>& jobs, std::vector<DeliveryRow>& unowed);
  void take(EventsRead&& read, Instant now, std::vector<SendJob>& jobs, std::vector<DeliveryRow>& unowed);
  // Nothing: the delivery is to be made. Else it is the row that ends it.
  std::optional<DeliveryRow> end_of(const DeliveryRow& row, const Event* event, Instant now) const;
  void put_back(std::vector<SendJob>& jobs, std::size_t from = 0);
  void abandon(const SendJob& job);

  const EngineLimits& limits_;
  const Registry& registry_;
  Store& store_;
  Flights& flights_;
  Scheduler& scheduler_;
  BodyShares& shares_;
  OwedCount& owed_;
  ReadTroubles& troubles_;
  std::size_t bytes_left_ = 0;  // of bodies, that this turn may still read
};

}  // namespace exposee::engine
