// The line of lanes whose endpoints are back and that bring what waits for them forward, step by step
// (engine/lane/catch_up.h): each step is read here, written by a turn, and told to its lane once it is on
// disk. Owned by the Dispatcher; engine's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/shard.h"
#include "engine/dispatch/read_troubles.h"
#include "engine/lane/lane.h"
#include "ports/store.h"

namespace exposee::engine {


class CatchUps {
 public:
  struct Step {
    EndpointNumber endpoint;
    RetryWindow::Place cursor;      // looked at up to here
    bool more = false;              // others lie beyond
    std::vector<DeliveryRow> rows;  // to be put, due now
  };

  CatchUps(Store& store, ReadTroubles& troubles) : store_(store), troubles_(troubles) {}

  // If it wants a step. One that may not take it now leaves the line when its turn comes, and joins it again
  // once it has had its quantum: whatever held it up changes what the lane may start.
  void join(Lane& lane);
  void leave(Lane& lane);
  void end(Lane& lane) {
    lane.retries.catch_up().end();
    leave(lane);
  }
  void give_up(ShardSet shards) {
    std::erase_if(line_, [&](const auto& entry) { return shards.has(entry.second->number); });
  }
  bool may_step(Instant now);
  // Reads the next step of some of the lanes. `written`: rows that the same turn writes before them. A lane
  // whose rows cannot be read waits for a while.
  std::vector<Step> next_steps(Instant now, std::span<const DeliveryRow> written);
  // It is on disk. Whether the lane has something new.
  bool took(Lane& lane, const Step& step);

 private:
  Lane* next(Instant now);
  Result<Step> read(const Lane& lane, Instant now, std::span<const DeliveryRow> written);

  Store& store_;
  ReadTroubles& troubles_;
  std::map<std::uint64_t, Lane*> line_;  // by their places, which ascend
  std::uint64_t last_place_ = 0;
};

}  // namespace exposee::engine
