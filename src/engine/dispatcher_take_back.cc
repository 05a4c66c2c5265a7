// Attempts that were handed out and never started, because their target was withdrawn.
#include "engine/dispatcher.h"

namespace exposee::engine {

// The breaker heard of a probe and waits for its end; of other attempts it hears only how they end. A token
// of the rate stays spent: it is one attempt less, not one too many.
void Dispatcher::take_back(std::uint64_t ticket, bool still_owed, Instant now,
                           std::vector<DeliveryRow>& unowed) {
  Flight flight;
  auto& lane = leave_slot(ticket, flight);
  if (flight.probe) lane.breaker.abandon();
  if (!still_owed) {
    reduce_owed(lane, 1);
    if (flight.row) end_unowed(unowed.emplace_back(*flight.row), now);
  } else if (flight.row) {
    lane.retries.add(*flight.row);
  } else {
    window_bytes_ += flight.event->body.size();
    lane.fresh.put_back(std::move(flight.event));
  }
  press(lane);
  ready(lane);
}

}  // namespace exposee::engine
