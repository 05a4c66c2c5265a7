// How the engine begins: from an empty store, or from what a stop or a crash left. Running it twice changes
// nothing. Lives only for the start; the thread that starts the engine.
#pragma once

#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "engine/dispatch/dispatcher.h"
#include "engine/doors.h"
#include "engine/engine_time.h"
#include "engine/housekeeping.h"
#include "engine/mend.h"
#include "engine/registry.h"
#include "engine/turn/turn_writer.h"

namespace exposee::engine {

class Resume {
 public:
  Resume(const EngineDoors& doors, EngineTime& time, TurnWriter& writer, Registry& registry, Dispatcher& dispatcher,
         Housekeeping& housekeeping)
      : doors_(doors),
        time_(time),
        writer_(writer),
        registry_(registry),
        dispatcher_(dispatcher),
        housekeeping_(housekeeping) {}

  // Reads the state back from the store, mends it, and takes up what is owed. Gives the last event.
  Result<EventSeq> run();

 private:
  Result<void> load();
  Result<void> write_registry(std::span<const PackKey> removed_packs = {}, std::optional<Checkpoint> marks = {});
  Result<void> write_mended(const Mended& mended);
  Result<void> declare_built_in_types();
  void resume_endpoints();
  void resume_pending();
  void resume_packs();
  void resume_removed();
  Result<void> resume_tail();
  void route(const EventRef& event, Instant now);
  void route_unseen(EventSeq event, Instant now);
  bool ascends(EventSeq event, EventSeq& last);
  void find_low_waters();
  EventSeq lowest() const;
  Result<void> find_touched(EventSeq after);
  bool waits(EndpointNumber number, EventSeq event) const;

  const EngineDoors& doors_;
  EngineTime& time_;
  TurnWriter& writer_;
  Registry& registry_;
  Dispatcher& dispatcher_;
  Housekeeping& housekeeping_;
  StartState start_;
  // Per endpoint, number n at n - 1: up to where its events are final, have rows or stand in packs.
  std::vector<EventSeq> low_;
  std::unordered_set<DeliveryKey> touched_;  // of those after: they have an attempt or a row
};

}  // namespace exposee::engine
