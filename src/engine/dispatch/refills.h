// Reads what waits behind the lanes' windows, when there is room in them: a bounded step a turn. Owned by the
// Dispatcher; engine's thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "engine/dispatch/body_shares.h"
#include "engine/dispatch/owed_count.h"
#include "engine/dispatch/packing.h"
#include "engine/dispatch/read_troubles.h"
#include "engine/dispatch/scheduler.h"
#include "ports/store.h"

namespace exposee::engine {

class Refills {
 public:
  Refills(const EngineLimits& limits, Store& store, Scheduler& scheduler, BodyShares& shares, Packing& packing,
          OwedCount& owed, ReadTroubles& troubles)
      : limits_(limits),
        store_(store),
        scheduler_(scheduler),
        shares_(shares),
        packing_(packing),
        owed_(owed),
        troubles_(troubles) {}

  // An error is the store's (full, unavailable). What is damaged stops the reads of its own endpoint alone.
  Result<void> read_some();
  // Deliveries of events that were read and are damaged; they are forgotten here.
  template <class Take>
  void take_unreadable(Take&& take) {
    for (const auto& key : unreadable_) take(key);
    unreadable_.clear();
  }

 private:
  // What may still be read in this turn.
  struct Budget {
    std::size_t reads, bytes;  // events and rows; bodies
    bool is_spent() const { return reads == 0 || bytes == 0; }
    void spend(std::size_t r, std::size_t b) {
      reads -= std::min(reads, r);
      bytes -= std::min(bytes, b);
    }
  };
  Result<void> read(Lane& lane, Budget& budget);
  Result<void> read_rows(Lane& lane, Budget& budget);
  Result<void> read_events(Lane& lane, Budget& budget);
  Result<void> read_pack(Lane& lane);
  void take_page(Lane& lane, OwedPage&& page, Budget& budget);
  std::size_t places(const Lane& lane) const;
  void recount(Lane& lane);

  const EngineLimits& limits_;
  Store& store_;
  Scheduler& scheduler_;
  BodyShares& shares_;
  Packing& packing_;
  OwedCount& owed_;
  ReadTroubles& troubles_;
  std::vector<DeliveryKey> unreadable_;
};

}  // namespace exposee::engine
