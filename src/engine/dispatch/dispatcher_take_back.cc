// Attempts that were handed out and never started, because their target was withdrawn.
#include "engine/dispatch/dispatcher.h"
#include "engine/target.h"

namespace exposee::engine {

// With the target as the endpoint is now: what has not started comes back and is looked at again.
void Dispatcher::recall(Lane& lane) {
  if (lane.target) lane.target->withdraw();
  lane.target = make_target(*registry_.find(lane.number)->endpoint, settings_.attempt_timeout);
  lane.waits_outside = false;
}

// An attempt at a receiver that passed for fast hangs: those behind it do not wait for it.
void Dispatcher::was_not_soon(Lane& lane) {
  lane.speed.note_overdue();
  lane.ahead = 0;
  press(lane);
  if (lane.waits_outside) recall(lane);
}

void Dispatcher::recall_all() {
  for (auto& lane : lanes_) {
    if (lane->in_flight > 0) recall(*lane);
  }
}

// The breaker heard of a probe and waits for its end; of other attempts it hears only how they end. A token
// of the rate stays spent: it is one attempt less, not one too many.
void Dispatcher::take_back(std::uint64_t ticket, bool still_owed, Instant now,
                           std::vector<DeliveryRow>& unowed) {
  now_ = now;
  Flight flight;
  auto& lane = leave_slot(ticket, flight);
  if (flight.probe) lane.breaker.abandon();
  if (!still_owed) {
    reduce_owed(lane, 1);
    if (flight.row) {
      end_unowed(unowed.emplace_back(*flight.row), now);
      lane.forget(flight.row->key.event);
    } else {
      ++given_up_;
    }
  } else if (flight.row) {
    lane.take_back(*flight.row);
  } else {
    lane.backlog.put_back(std::move(flight.event));
  }
  press(lane);
  ready(lane);
}

void Dispatcher::end_unreadable_events(Instant now, std::vector<DeliveryRow>& ended) {
  for (const auto& key : unreadable_) end_unreadable(ended.emplace_back(DeliveryRow{.key = key}), now);
  unreadable_.clear();
}

}  // namespace exposee::engine
