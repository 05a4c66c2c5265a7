// What the turns came to, in numbers: since the start, and how the endpoints fare now. Owned by the engine; its
// thread.
#pragma once

#include <cstdint>

#include "engine/census.h"

namespace exposee::engine {

struct EngineTotals {
  std::uint64_t events = 0, attempts = 0, commits = 0, commands = 0;
  std::uint64_t most_pending = 0;  // deliveries, at any moment
};

class TurnFigures {
 public:
  TurnFigures(Dispatcher& dispatcher, const Registry& registry, Observer& observer)
      : dispatcher_(dispatcher), registry_(registry), observer_(observer) {}

  const EngineTotals& totals() const { return totals_; }
  bool is_counting() const { return census_.is_counting(); }  // endpoints: the next turn should not wait

  void committed(const TurnNote& note);
  void count_attempts(std::size_t recorded) { totals_.attempts += recorded; }
  void note_pending();
  // Tells those who watch.
  void turn_ended(Duration took, Instant now);

 private:
  Dispatcher& dispatcher_;
  const Registry& registry_;
  Observer& observer_;
  EngineTotals totals_;
  CensusTaker census_;
};

}  // namespace exposee::engine
