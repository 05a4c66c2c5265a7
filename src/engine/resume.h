// How the engine begins: from an empty store, or from what a stop or a crash left; and how it takes up shards later.
// Running it twice changes nothing. Lives only for that; the thread that starts the engine, later the engine's.
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
  Resume(const EngineLimits& limits, const EngineDoors& doors, EngineTime& time, TurnWriter& writer, Registry& registry,
         Dispatcher& dispatcher, Housekeeping& housekeeping)
      : limits_(limits),
        doors_(doors),
        time_(time),
        writer_(writer),
        registry_(registry),
        dispatcher_(dispatcher),
        housekeeping_(housekeeping) {}

  // Reads the state back from the store, mends it, and takes up what is owed to the endpoints of these shards. Gives the
  // last event.
  Result<EventSeq> run(ShardSet shards);
  // Takes up what is owed to the endpoints of further shards, while the engine runs.
  Result<void> open(ShardSet shards);

 private:
  Result<void> load();
  Result<Mended> read();
  Result<void> take_up(ShardSet shards);
  Result<void> write_registry(std::span<const PackKey> removed_packs = {}, std::optional<Checkpoint> marks = {});
  Checkpoint checkpoint_of(ShardSet shards);
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

  const EngineLimits& limits_;
  const EngineDoors& doors_;
  EngineTime& time_;
  TurnWriter& writer_;
  Registry& registry_;
  Dispatcher& dispatcher_;
  Housekeeping& housekeeping_;
  ShardSet shards_;  // that are taken up
  StartState start_;
  std::vector<LaneMark> mended_marks_;
  // Per endpoint, number n at n - 1: up to where its events are final, have rows or stand in packs.
  std::vector<EventSeq> low_;
  std::unordered_set<DeliveryKey> touched_;  // of those after: they have an attempt or a row
};

}  // namespace exposee::engine
