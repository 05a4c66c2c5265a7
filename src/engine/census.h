// Counts the endpoints by how they fare, for metrics and status: a few of them at the end of each turn, so that a
// hundred thousand make no turn long, and about once a second all of them. Values are reported, not asked for, because
// the figures are wanted most while the engine waits for a disk. Owned by the engine; its thread.
#pragma once

#include <cstddef>

#include "engine/dispatch/dispatcher.h"
#include "engine/registry.h"
#include "ports/observer.h"

namespace exposee::engine {

constexpr std::size_t kCensusStep = 512;       // endpoints a turn: some ten microseconds
constexpr Duration kCensusInterval{1'000'000};  // from one count to the next

class CensusTaker {
 public:
  // Null: it is not complete yet, or not due. What it points at is good until the next step.
  // Tells `observer` of holds that are over.
  const Census* step(Dispatcher& dispatcher, const Registry& registry, Observer& observer, Instant now);
  bool is_counting() const { return next_ > 0; }  // the next turn should not wait

 private:
  void count(const Lane* lane, const Endpoint& endpoint, Instant now);

  Census counting_, complete_;
  std::size_t next_ = 0;  // endpoint number - 1
  Instant due_;
};

}  // namespace exposee::engine
