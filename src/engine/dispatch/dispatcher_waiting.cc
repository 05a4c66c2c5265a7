// What a pending delivery waits for, as far as its lane knows.
#include <algorithm>

#include "engine/dispatch/dispatcher.h"

namespace exposee::engine {

const Lane* Dispatcher::find_lane(EndpointNumber number) const {
  return number.value >= 1 && number.value <= lanes_.size() ? lanes_[number.value - 1].get() : nullptr;
}

std::optional<std::size_t> Dispatcher::find_slot(const DeliveryKey& key) const {
  const auto* lane = find_lane(key.endpoint);
  if (!lane) return std::nullopt;
  const auto slot = std::ranges::find_if(lane->slots, [&](std::uint32_t index) {
    const auto& flight = slots_[index].flight;
    return (flight.row ? flight.row->key.event : flight.event->seq) == key.event;
  });
  return slot == lane->slots.end() ? std::nullopt : std::optional<std::size_t>(*slot);
}

bool Dispatcher::in_flight(const DeliveryKey& key) const {
  return find_slot(key).has_value();
}

bool Dispatcher::counts(const DeliveryKey& key) const {
  const auto slot = find_slot(key);
  return slot && !slots_[*slot].flight.cut_off;
}

bool Dispatcher::is_next(const DeliveryKey& key) const {
  const auto& lane = *lanes_.at(key.endpoint.value - 1);
  if (lane.in_flight + lane.unsettled > 0 || lane.by_hand.has_any()) return false;
  if (lane.retries.has_any()) return lane.retries.next_event() == key.event;
  return !lane.backlog.empty() && lane.backlog.front_seq() == key.event;
}

namespace {

// Of a lane that is open and of a delivery whose turn it is.
Waiting waits_until_due(const Lane& lane, const DeliveryRow& row, Instant now) {
  const auto due = std::max(*row.due, now);
  if (lane.is_held(now) && *lane.held_until >= due) return {WaitReason::held, lane.held_until};
  const auto probe_at = std::max(lane.breaker.probe_at(), now);
  if (lane.breaker.state() == BreakerState::open && probe_at >= due) return {WaitReason::breaker, probe_at};
  if (due > now) {
    const bool asked_to_wait = row.not_before && *row.not_before >= due;
    return {asked_to_wait ? WaitReason::retry_after : WaitReason::schedule, due};
  }
  if (lane.breaker.is_probing()) return {WaitReason::probe, std::nullopt};
  const auto token_at = lane.rate.limits() ? lane.rate.ready_at() : now;
  return token_at > now ? Waiting{WaitReason::rate, token_at} : Waiting{WaitReason::place, now};
}

}  // namespace

Waiting Dispatcher::waiting(const DeliveryRow& row, Instant now) const {
  if (in_flight(row.key)) return {WaitReason::in_flight, std::nullopt};
  const auto* of_endpoint = find_lane(row.key.endpoint);
  // A row on disk may name an endpoint that no row describes any more.
  if (!of_endpoint) return {WaitReason::schedule, row.due};
  const auto& lane = *of_endpoint;
  const bool paused = registry_.find(lane.number)->endpoint->settings.paused;
  if (!lane.open) return {paused ? WaitReason::paused : WaitReason::schedule, std::nullopt};
  if (row.asked) {
    return lane.breaker.is_probing() ? Waiting{WaitReason::probe, std::nullopt}
                                     : Waiting{WaitReason::place, now};
  }
  if (lane.ordered && !is_next(row.key)) return {WaitReason::order, std::nullopt};
  return waits_until_due(lane, row, now);
}

}  // namespace exposee::engine
