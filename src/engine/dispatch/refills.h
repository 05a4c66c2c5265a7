// Brings in what waits behind the lanes' windows, when there is room in them, a bounded step a turn. Rows of
// retries are read here; events are asked for, of many lanes at once, and come with a later turn
// (ports/backlog.h). Owned by the Dispatcher; engine's thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "engine/dispatch/body_shares.h"
#include "engine/dispatch/owed_count.h"
#include "engine/dispatch/packing.h"
#include "engine/dispatch/read_troubles.h"
#include "engine/dispatch/scheduler.h"
#include "ports/backlog.h"
#include "ports/store.h"

namespace exposee::engine {

class Refills {
 public:
  Refills(const EngineLimits& limits, const Registry& registry, Store& store, Scheduler& scheduler,
          BodyShares& shares, Packing& packing, OwedCount& owed, ReadTroubles& troubles)
      : limits_(limits),
        registry_(registry),
        store_(store),
        scheduler_(scheduler),
        shares_(shares),
        packing_(packing),
        owed_(owed),
        troubles_(troubles) {}

  // Whether it has anything to do: as long as an answer is awaited, no events are asked for.
  bool has_work() const { return scheduler_.want_rows() > 0 || (!asked_ && scheduler_.want_events() > 0); }
  // From now on `reader` reads events; without one they are read here, as they are asked for.
  void read_through(BacklogReader& reader, BacklogSink& sink) {
    reader_ = &reader;
    sink_ = &sink;
  }
  // An error is the store's (full, unavailable). What is damaged stops the reads of its own endpoint alone.
  // `find`: the lane of an endpoint, null when there is none.
  template <class Find>
  Result<void> read_some(Find&& find) {
    reads_left_ = limits_.reads_per_turn;
    auto done = read_rows();
    if (!asked_) ask_for_events();
    auto answers = ask();
    if (auto taken = take(answers, find); !taken) done = std::move(taken);
    return done;
  }
  // What was asked for earlier; the answers are used up.
  template <class Find>
  Result<void> take(std::vector<BacklogAnswer>& answers, Find&& find) {
    Result<void> done;
    if (!answers.empty()) asked_ = false;
    for (auto& answer : answers) {
      auto* lane = find(answer.read.endpoint);
      if (!lane || lane->backlog.life() != answer.read.life) continue;  // it is gone, or has begun anew
      if (auto taken = take(*lane, std::move(answer)); !taken) done = std::move(taken);
    }
    answers.clear();
    return done;
  }
  // Deliveries of events that were read and are damaged; they are forgotten here.
  template <class Take>
  void take_unreadable(Take&& take) {
    for (const auto& key : unreadable_) take(key);
    unreadable_.clear();
  }

 private:
  Result<void> read_rows();
  Result<void> read_rows(Lane& lane);
  void ask_for_events();
  void ask_for(Lane& lane);
  std::vector<BacklogAnswer> ask();
  Result<void> take(Lane& lane, BacklogAnswer&& answer);
  void take_page(Lane& lane, OwedPage&& page);
  std::size_t places(const Lane& lane) const;
  void recount(Lane& lane);

  const EngineLimits& limits_;
  const Registry& registry_;
  Store& store_;
  BacklogReader* reader_ = nullptr;
  BacklogSink* sink_ = nullptr;
  Scheduler& scheduler_;
  BodyShares& shares_;
  Packing& packing_;
  OwedCount& owed_;
  ReadTroubles& troubles_;
  std::vector<DeliveryKey> unreadable_;
  std::size_t reads_left_ = 0;  // events and rows that may still be read in this turn
  BacklogReads next_;           // put together by this turn
  bool asked_ = false;          // and not answered yet
};

}  // namespace exposee::engine
