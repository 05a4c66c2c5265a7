// I14 of lanes that may not start (paused, held, with an open breaker): each holds a handful of events in
// memory, and a handful of the rows of its retries. It takes in no more, but for what was under way or being read as it stopped; and what it held
// beyond is given up by the checkpoints that come while nothing of it is under way or being read: one puts it
// into packs, the next one lets it go, unless they have as many packs to write as they may. One thread.
#pragma once

#include <cstddef>
#include <map>

#include "engine/lane/lane.h"

namespace exposee::sim {

class StoppedWindows {
 public:
  void begin_anew() { lanes_.clear(); }  // of another process nothing is known
  void note_checkpoint(const Turn& turn, const engine::EngineLimits& limits);
  // After each step. Of retries what is beyond stands in the store, and is given up at once. `latest`: no clock has shown a later time, so that a hold beyond it is one to everybody.
  void check(const engine::Lane& lane, const engine::EngineLimits& limits, Instant latest);
  void step_is_over() { had_checkpoint_ = false; }

 private:
  struct Stop {
    std::size_t most = 0;  // that it may hold after the next step
    bool is_reading = false;
    int checkpoints = 0;  // at which nothing was in its way
  };

  std::map<EndpointNumber, Stop> lanes_;  // those that were stopped after the last step
  bool had_checkpoint_ = false;           // in this one, with room for packs left
};

}  // namespace exposee::sim
