// Brings in the events that wait behind the lanes' windows, when there is room in them, a bounded step at a
// time: asked for of many lanes at once, and not again before the result (ports/backlog.h). Owned by the
// Dispatcher; engine's thread only.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "engine/dispatch/body_shares.h"
#include "engine/dispatch/lane_reads.h"
#include "engine/dispatch/owed_count.h"
#include "engine/dispatch/packing.h"
#include "engine/dispatch/read_troubles.h"
#include "engine/dispatch/scheduler.h"
#include "ports/backlog.h"

namespace exposee::engine {

class Refills {
 public:
  Refills(const EngineLimits& limits, const Registry& registry, Scheduler& scheduler, BodyShares& shares,
          Packing& packing, OwedCount& owed, ReadTroubles& troubles, LaneReads& reads)
      : limits_(limits),
        registry_(registry),
        scheduler_(scheduler),
        shares_(shares),
        packing_(packing),
        owed_(owed),
        troubles_(troubles),
        reads_(reads) {}

  bool has_work() const { return !asked_ && scheduler_.want_events() > 0; }
  // The results, if they are here already; to be taken.
  BacklogResults ask();
  // What was asked for. An error is the store's (full, unavailable). What is damaged stops the reads of its
  // own endpoint alone. `find`: the lane of an endpoint, null when there is none.
  template <class Find>
  Result<void> take(std::vector<BacklogResult>& results, Find&& find) {
    Result<void> done;
    if (!results.empty()) end_asking();
    for (auto& result : results) {
      auto* lane = find(result.read.endpoint);
      if (!lane || lane->backlog.life() != result.read.life) continue;  // it is gone, or has begun anew
      if (auto taken = take(*lane, std::move(result)); !taken) done = std::move(taken);
    }
    return done;
  }
  // Deliveries of events that were read and are damaged, and of such as cannot be read now; they are
  // forgotten here.
  template <class End, class PutOff>
  void take_unreadable(End&& end, PutOff&& put_off) {
    for (const auto& key : unreadable_) end(key);
    for (const auto& key : put_off_) put_off(key);
    unreadable_.clear();
    put_off_.clear();
  }

 private:
  void ask_for(Lane& lane, BacklogReads& reads);
  void end_asking();
  Result<void> take(Lane& lane, BacklogResult&& result);
  void take_read(Lane& lane, BacklogResult&& result);
  void put_off_first(Lane& lane, EventSeq event, OwedPage& page);
  void take_page(Lane& lane, OwedPage&& page);
  std::size_t places(const Lane& lane) const;

  const EngineLimits& limits_;
  const Registry& registry_;
  Scheduler& scheduler_;
  BodyShares& shares_;
  Packing& packing_;
  OwedCount& owed_;
  ReadTroubles& troubles_;
  LaneReads& reads_;
  std::vector<DeliveryKey> unreadable_, put_off_;
  std::size_t asked_events_ = 0, asked_bytes_ = 0;  // in what is being put together, or is out
  bool asked_ = false;                              // and not answered yet
};

}  // namespace exposee::engine
