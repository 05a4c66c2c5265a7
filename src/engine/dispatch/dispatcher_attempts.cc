// Attempts begin, end, and are taken back.
#include <algorithm>
#include <utility>
#include <variant>

#include "core/assert.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/target.h"

namespace exposee::engine {

Result<void> Dispatcher::dispatch(Instant now, Instant handed_at, std::vector<SendJob>& jobs,
                                  std::vector<DeliveryRow>& ended) {
  scheduler_.set_now(now);
  scheduler_.wake_due(now);
  flights_.age(now, [this](Lane& lane) { was_not_soon(lane); });
  auto read = reads_.ask([this](EndpointNumber number) { return known(number); }, now, ended);
  take_unreadable_events(now, ended);
  if (order_waits(ended)) return read;  // for the turn that writes them, which is the next one
  scheduler_.let_in(flights_.occupancy().free, flights_.fast_room());
  while (scheduler_.has_ready() && !flights_.is_full()) {
    auto& lane = scheduler_.next();
    run(lane, now, handed_at, jobs);
    catch_ups_.join(lane);
    scheduler_.rest(lane, flights_.occupancy(), now);
  }
  return read;
}

void Dispatcher::take_in(BacklogResults& results, Instant now, std::vector<DeliveryRow>& ended) {
  if (results.empty()) return;
  scheduler_.set_now(now);
  const auto find = [this](EndpointNumber number) { return known(number); };
  const auto taken = reads_.take(std::exchange(results, {}), find, now, ended);
  EXPOSEE_ASSERT(taken, "what another connection could not read is its lane's matter");
}

void Dispatcher::run(Lane& lane, Instant now, Instant handed_at, std::vector<SendJob>& jobs) {
  std::size_t started = 0;
  while (started < lane.limits.lane_quantum && lane.gate.admit(lane.work(), flights_.occupancy(), now)) {
    start_next(lane, now, handed_at, jobs);
    ++started;
  }
  if (started > 0) press(lane);
}

void Dispatcher::start_next(Lane& lane, Instant now, Instant handed_at, std::vector<SendJob>& jobs) {
  auto next = lane.next(now);
  EXPOSEE_ASSERT(next, "a lane with work has a next delivery");
  auto* retry = std::get_if<Retry>(&*next);
  Flight flight{.endpoint = lane.number, .probe = lane.gate.begin(retry && retry->row.asked)};
  if (retry) {
    flight.attempt = retry->row.attempts + 1;
    flight.row = std::move(retry->row);
    flight.event = std::move(retry->event);
  } else {
    flight.event = std::move(std::get<EventRef>(*next));
  }
  SendJob job{.target = target_of(lane),
              .attempt = flight.attempt,
              .event = flight.event,
              .max_in_flight = lane.pace.concurrency()};
  auto& waits = lane.flights.wait_outside;
  waits = waits || lane.flights.in_flight() >= job.max_in_flight;
  job.ticket = flights_.begin(lane, std::move(flight), handed_at);
  packing_.list(lane);
  job.takes_last_place = !lane.has_slot();
  jobs.push_back(std::move(job));
}

bool Dispatcher::order_waits(std::span<const DeliveryRow> rows) const {
  return std::ranges::any_of(rows, [this](const DeliveryRow& row) {
    const auto* lane = find_lane(row.key.endpoint);
    return lane && lane->gate.is_ordered();
  });
}

// Those of an endpoint that was disabled or removed since they were read are cancelled.
void Dispatcher::take_unreadable_events(Instant now, std::vector<DeliveryRow>& rows) {
  const auto is_active = [&](const DeliveryKey& key) {
    const auto* state = registry_.find(key.endpoint);
    return state && state->endpoint->is_active();
  };
  reads_.take_unreadable(
      [&](const DeliveryKey& key) {
        if (is_active(key)) end_unreadable(rows.emplace_back(DeliveryRow{.key = key}), now);
      },
      [&](const DeliveryKey& key) {
        if (!is_active(key)) return;
        auto& lane = this->lane(key.endpoint);
        owed_.add(lane, 1);
        lane.retries.put_off(rows.emplace_back(DeliveryRow{.key = key, .updated_at = now}),
                             now + kPutOffEvent);
      });
}

void Dispatcher::recorded(const DeliveryRow& row) {
  if (auto* lane = known(row.key.endpoint)) lane->retries.forget(row.key.event);
}

Flight Dispatcher::land(std::uint64_t ticket, const Verdict& verdict, Duration took, Instant now,
                        double unit) {
  Flight flight;
  scheduler_.set_now(now);
  auto& lane = flights_.land(ticket, flight);
  ++lane.flights.unsettled;
  learn(lane, verdict, took, now, unit);
  const auto& gate = lane.gate;
  const bool less = verdict.slow_down || !gate.is_open() || gate.breaker().state() == BreakerState::open;
  const bool left_alone = verdict.hold && lane.flights.in_flight() > 0;
  if (left_alone || (less && lane.flights.wait_outside)) recall(lane);
  press(lane);
  scheduler_.ready(lane);
  return flight;
}

void Dispatcher::learn(Lane& lane, const Verdict& verdict, Duration took, Instant now, double unit) {
  lane.gate.note_begun();
  if (verdict.kind == VerdictKind::success) {
    lane.note_success(took, now);
    catch_ups_.join(lane);
  } else {
    lane.note_failure(now, verdict, unit);
    if (!lane.retries.catch_up().is_active()) catch_ups_.end(lane);
  }
  if (verdict.disable_endpoint) lane.gate.shut();  // it is disabled when this outcome is written
}

// --- what comes back --------------------------------------------------------------------------------------

// With the target as the endpoint is now: what has not started comes back and is looked at again.
void Dispatcher::recall(Lane& lane) {
  if (lane.target) lane.target->withdraw();
  lane.target.reset();
  lane.flights.wait_outside = false;
}

const TargetRef& Dispatcher::target_of(Lane& lane) const {
  if (!lane.target)
    lane.target = make_target(*registry_.find(lane.number)->endpoint, settings_.attempt_timeout);
  return lane.target;
}

// An attempt is overdue: those behind it do not wait for it.
void Dispatcher::was_not_soon(Lane& lane) {
  press(lane);
  if (lane.flights.wait_outside) recall(lane);
}

void Dispatcher::recall_all() {
  for (auto* lane : packing_.listed()) {
    if (lane->flights.in_flight() > 0) recall(*lane);
  }
}

// The breaker counts a probe when it begins, other attempts when they end. A token
// of the rate stays spent: it is one attempt less, not one too many.
void Dispatcher::take_back(std::uint64_t ticket, bool still_owed, Instant now,
                           std::vector<DeliveryRow>& unowed) {
  scheduler_.set_now(now);
  Flight flight;
  auto& lane = flights_.land(ticket, flight);
  if (flight.probe) lane.gate.abandon();
  if (!still_owed) {
    end(lane, flight, now, unowed);
  } else if (flight.row) {
    lane.retries.take_back(*flight.row);
  } else {
    lane.backlog.put_back(std::move(flight.event));
  }
  press(lane);
  scheduler_.ready(lane);
}

// It is not owed any more.
void Dispatcher::end(Lane& lane, const Flight& flight, Instant now, std::vector<DeliveryRow>& unowed) {
  owed_.reduce(lane, 1);
  if (!flight.row) return owed_.note_given_up();
  end_unowed(unowed.emplace_back(*flight.row), now);
}

std::optional<Instant> Dispatcher::next_wake() const {
  const auto wake = scheduler_.next_wake();
  const auto ages = flights_.ages_at();
  return wake && ages ? std::min(*wake, *ages) : wake ? wake : ages;
}

}  // namespace exposee::engine
