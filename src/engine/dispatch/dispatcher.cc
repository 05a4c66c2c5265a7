#include "engine/dispatch/dispatcher.h"

#include <algorithm>
#include <utility>

#include "core/assert.h"
#include "engine/target.h"

namespace exposee::engine {

Dispatcher::Dispatcher(const EngineSettings& settings, const Registry& registry, Store& store,
                       Observer& observer)
    : settings_(settings),
      registry_(registry),
      backpressure_(registry.patterns(), settings.limits),
      flights_(settings.max_in_flight, settings.fast_concurrency),
      packing_(settings.limits, flights_),
      shares_(settings.limits, packing_),
      scheduler_(shares_),
      troubles_(registry, observer, scheduler_),
      reads_(settings.limits, registry, store, scheduler_, shares_, packing_, owed_, troubles_),
      catch_ups_(store, troubles_),
      sifting_(settings.limits, store, owed_) {}

// --- whose lanes are here ---------------------------------------------------------------------------------

void Dispatcher::take_up(ShardSet shards, Instant now) {
  const auto kept = shards_.leaving & shards;
  shards_ = {shards_.held | shards, shards_.leaving.without(shards)};
  follow(kept, now);
}

void Dispatcher::leave(ShardSet shards, Instant now) {
  const auto left = (shards_.held & shards).without(shards_.leaving);
  shards_.leaving = shards_.leaving | left;
  follow(left, now);
}

void Dispatcher::follow(ShardSet shards, Instant since) {
  scheduler_.set_now(since);
  for (const auto& lane : lanes_) {
    if (!lane || !shards.has(lane->number)) continue;
    follow(*lane, *registry_.find(lane->number)->endpoint, since);
    recall(*lane);
    press(*lane);
    packing_.list(*lane);
    scheduler_.ready(*lane);
  }
}

void Dispatcher::let_go() {
  auto gone = shards_.leaving;
  for (const auto& lane : lanes_) {
    if (lane && gone.has(lane->number) && lane->flights.open() > 0) gone = gone.without(ShardSet::of(lane->number));
  }
  if (gone.empty()) return;
  scheduler_.give_up(gone);
  catch_ups_.give_up(gone);
  packing_.give_up(gone);
  for (const auto& lane : lanes_) {
    if (!lane || !gone.has(lane->number)) continue;
    backpressure_.release(*lane);
    owed_.reduce(*lane, lane->owed.count);
    lanes_.drop(lane->number);
  }
  shards_ = {shards_.held.without(gone), shards_.leaving.without(gone)};
}

// --- what is on disk now ----------------------------------------------------------------------------------

void Dispatcher::sync(const EndpointState& state, bool interrupted, Instant now) {
  const auto& endpoint = *state.endpoint;
  scheduler_.set_now(now);
  lanes_.add(endpoint.number, now);
  if (!shards_.has(endpoint.number) || (!find_lane(endpoint.number) && !endpoint.failing_since)) return;
  auto& lane = this->lane(endpoint.number);
  backpressure_.release(lane);
  follow(lane, endpoint, now);
  recall(lane);
  if (interrupted) begin_anew(lane);
  owed_.give_up(lane, lane.backlog.drop_unowed(state.open, registry_.patterns()));
  owed_.give_up(lane, lane.set_aside.drop_unowed([&](const Event& event) {
    return registry_.owes(lane.number, event.type, event.version);
  }));
  lane.retries.drop_events();  // whether they are owed is asked again as they are read
  if (!lane.backlog.idle()) packing_.list(lane);
  press(lane);
  scheduler_.ready(lane);
}

// As if it had been there since the endpoint is as it is: what its rate allows has come together since then.
Lane& Dispatcher::make(EndpointNumber number) {
  const auto& endpoint = *registry_.find(number)->endpoint;
  auto& lane = lanes_.make(number, settings_.limits);
  follow(lane, endpoint, std::min(std::max(endpoint.updated_at, lanes_.began()), scheduler_.now()));
  lane.gate.resume_failing(endpoint.failing_since);
  return lane;
}

void Dispatcher::follow(Lane& lane, const Endpoint& endpoint, Instant since) {
  const auto& own = endpoint.settings;
  lane.gate.set_open(endpoint.is_active() && !own.paused && shards_.serves(endpoint.number), since);
  lane.gate.set_ordered(own.ordered);
  lane.gate.set_rate(own.rate_per_second, since);
  lane.pace.set_limit(own.max_in_flight, settings_.max_in_flight_per_endpoint);
  owed_.set_most(lane, own.max_pending ? own.max_pending : settings_.max_pending);
}

void Dispatcher::begin_anew(Lane& lane) {
  for (const auto first : lane.backlog.clear()) packing_.drop({lane.number, first});
  catch_ups_.end(lane);
  owed_.give_up(lane, lane.waiting());
  lane.begin_anew();
  flights_.cut_off(lane);
}

void Dispatcher::route(const EventRef& event, const Subscribers& owed_to, Instant now) {
  if (owed_to.empty()) return;
  scheduler_.set_now(now);
  const auto held = shares_.bodies().hold(event);
  owed_to.each([&](EndpointNumber number) {
    if (!shards_.has(number)) return;
    auto& lane = this->lane(number);
    owed_.add(lane, 1);
    lane.backlog.push(held, lane.has_room(now) && shares_.has_room_for(lane), now);
    EXPOSEE_ASSERT(lane.backlog.is_within_limit(), "a window holds no more than it may (D8)");
    packing_.list(lane);
    press(lane);
    scheduler_.ready(lane);
  });
}

void Dispatcher::route_unseen(EventSeq event, EndpointNumber number, Instant now) {
  auto& lane = this->lane(number);
  lane.backlog.push_number(event, now);
  came_late(lane, 1);
}

void Dispatcher::resume_pack(const StartState::Pack& pack) {
  auto& lane = this->lane(pack.key.endpoint);
  lane.backlog.resume({pack.key.first, pack.last, pack.count});
  came_late(lane, pack.count);
}

void Dispatcher::came_late(Lane& lane, std::uint64_t count) {
  owed_.add(lane, count);
  lane.pressure.lags_by_itself = true;
  packing_.list(lane);
  scheduler_.ready(lane);
}

void Dispatcher::resume_pending(const StartState::LanePending& pending) {
  auto& lane = this->lane(pending.endpoint);
  lane.retries.by_schedule().expect_more();
  if (pending.asked > 0) lane.retries.by_hand().expect_more();
  lane.gate.resume_pending();
  owed_.add(lane, pending.count);
  scheduler_.ready(lane);
}

void Dispatcher::resume_hold(const Hold& hold, Instant now) {
  auto& lane = this->lane(hold.endpoint);
  if (!lane.gate.is_open()) return;
  lane.gate.resume_hold(hold.until, now);
  scheduler_.ready(lane);
}

void Dispatcher::resume_failing_days(const FailingDaysRow& row, Duration running) {
  if (find_lane(row.endpoint)) lane(row.endpoint).gate.resume_failing_days(row.note, running);
}

void Dispatcher::settled(const Concluded& done) {
  auto& lane = this->lane(done.key.endpoint);
  EXPOSEE_ASSERT(lane.flights.unsettled > 0, "every outcome is settled once");
  --lane.flights.unsettled;
  if (done.row) lane.retries.forget(done.key.event);
  if (done.set_aside) return set_aside(lane, done);
  lane.set_aside.remove(done.key.event);
  if (done.row && done.row->status == DeliveryStatus::pending) {
    lane.retries.by_schedule().add(*done.row);
    scheduler_.ready(lane);
  } else {
    owed_.reduce(lane, 1);
    if (lane.gate.is_ordered()) scheduler_.ready(lane);
  }
}

void Dispatcher::retried(const DeliveryRow& row, bool newly_owed) {
  if (!shards_.has(row.key.endpoint)) return;
  auto& lane = this->lane(row.key.endpoint);
  if (flights_.retry(lane, row)) return lane.retries.by_hand().gave(row.key.event);
  lane.set_aside.remove(row.key.event);
  // A pending row that no subscription covers any more counts as cancelled, but was not given up yet.
  const bool counted = lane.retries.by_schedule().remove(row.key.event);
  if (!newly_owed && row.attempts == 0)
    lane.backlog.remove(row.key.event);  // its first attempt comes by hand
  if (newly_owed && !counted) owed_.add(lane, 1);
  press(lane);
  lane.retries.by_hand().add(row);
  scheduler_.ready(lane);
}

// It stays owed.
void Dispatcher::set_aside(Lane& lane, const Concluded& done) {
  if (done.was_first) {
    lane.set_aside.add_first(*done.event);
    packing_.list(lane);
  } else {
    lane.set_aside.add_later(done.key.event);
  }
  if (lane.gate.is_ordered()) scheduler_.ready(lane);
}

void Dispatcher::resumed(EndpointNumber number, Instant now) {
  if (!find_lane(number)) return;
  auto& lane = this->lane(number);
  lane.gate.resume(now);
  scheduler_.ready(lane);
}

void Dispatcher::returned(EndpointNumber number, Instant now) {
  if (!find_lane(number)) return;
  auto& lane = this->lane(number);
  lane.note_return(now);
  catch_ups_.join(lane);
  scheduler_.ready(lane);
}

std::vector<Dispatcher::Forward> Dispatcher::next_steps(Instant now, std::span<const DeliveryRow> written) {
  scheduler_.set_now(now);
  return catch_ups_.next_steps(now, written);
}

void Dispatcher::brought_forward(const Forward& step) {
  if (!shards_.has(step.endpoint)) return;
  auto& lane = this->lane(step.endpoint);
  if (catch_ups_.took(lane, step)) scheduler_.ready(lane);
}

// Of one that was disabled or removed meanwhile all has ended.
Result<SiftEnd> Dispatcher::sift(NodeEpoch as, SiftPass& pass, Instant now) {
  auto* lane = known(pass.endpoint);
  if (!lane || !registry_.find(pass.endpoint)->endpoint->is_active()) return SiftEnd::done;
  scheduler_.set_now(now);
  auto end = sifting_.step(as, *lane, pass, now);
  press(*lane);
  scheduler_.ready(*lane);
  return end;
}

// --- looking ----------------------------------------------------------------------------------------------

const Flight* Dispatcher::find_flight(const DeliveryKey& key) const {
  const auto* lane = find_lane(key.endpoint);
  return lane ? flights_.find(*lane, key.event) : nullptr;
}

bool Dispatcher::in_flight(const DeliveryKey& key) const {
  return find_flight(key) != nullptr;
}

bool Dispatcher::counts(const DeliveryKey& key) const {
  const auto* flight = find_flight(key);
  return flight && !flight->cut_off;
}

// One that is set aside is what the others wait for.
bool Dispatcher::is_next(const DeliveryKey& key) const {
  const auto* lane = find_lane(key.endpoint);
  return lane && (lane->set_aside.has(key.event) || lane->gate.is_next(lane->work(), key.event));
}

Waiting Dispatcher::waiting(const DeliveryRow& row, Instant now) const {
  if (in_flight(row.key)) return {WaitReason::in_flight, std::nullopt};
  const auto* lane = find_lane(row.key.endpoint);
  // A row on disk may name an endpoint that no row describes any more, or whose lane has heard nothing of it.
  if (!lane) return {WaitReason::schedule, row.due};
  const bool paused = registry_.find(lane->number)->endpoint->settings.paused;
  if (lane->set_aside.has(row.key.event)) return {WaitReason::set_aside, std::nullopt};
  if (!lane->gate.is_open()) return {paused ? WaitReason::paused : WaitReason::schedule, std::nullopt};
  return lane->gate.waiting(lane->work(), row, now);
}

}  // namespace exposee::engine
