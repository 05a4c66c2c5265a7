// The way of a turn to the store: gives each its marker, and holds the one whose end is unknown until the store
// says how it ended. Owned by the engine; its thread.
#pragma once

#include <optional>

#include "engine/turn/turn_plan.h"
#include "ports/store.h"

namespace exposee::engine {

// Whether the very same write fails the same way again: the fault is in what is written.
bool comes_again(const Written& written);

// A turn of which it is unknown whether it is written. Nothing is acknowledged, repeated or begun before that.
struct UnknownTurn {
  TurnPlan plan;
  Duration took{};  // by the call that wrote it
};

class TurnWriter {
 public:
  explicit TurnWriter(Store& store) : store_(store) {}

  // After a start: the last turn that was written, and the epoch that this node has now.
  void begin(const TurnMarker& last, std::uint64_t epoch) {
    marker_ = last;
    epoch_ = epoch;
  }
  NodeEpoch as() const { return {marker_.node, epoch_}; }
  Written write(Turn& turn);
  // The same for a turn that stands alone, whose end is found out here: never unknown. One that is not found out
  // counts as failed, by an error that passes: once more does no harm.
  Written write_alone(Turn turn, Instant now);
  // Whether the last one is written.
  Result<bool> settled() { return store_.settled(marker_); }

  bool has_unknown() const { return unknown_.has_value(); }
  void hold(const UnknownTurn& turn) { unknown_ = turn; }
  UnknownTurn release();

 private:
  Store& store_;
  TurnMarker marker_;  // of the last turn that was given to the store
  std::uint64_t epoch_ = 0;
  std::optional<UnknownTurn> unknown_;
};

}  // namespace exposee::engine
