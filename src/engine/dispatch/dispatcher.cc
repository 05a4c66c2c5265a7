#include "engine/dispatch/dispatcher.h"

#include <algorithm>

#include "core/assert.h"

namespace exposee::engine {

Dispatcher::Dispatcher(const EngineSettings& settings, const Registry& registry, Store& store,
                       Observer& observer)
    : settings_(settings), registry_(registry), store_(store), observer_(observer), fast_flights_(settings.fast_at_once) {}

Lane& Dispatcher::lane(EndpointNumber number) {
  return *lanes_.at(number.value - 1);
}

void Dispatcher::sync(const EndpointState& state, bool interrupted, Instant now) {
  const auto& endpoint = *state.endpoint;
  const auto& own = endpoint.settings;
  while (lanes_.size() < endpoint.number.value) {
    lanes_.push_back(std::make_unique<Lane>(EndpointNumber{lanes_.size() + 1}, settings_.limits));
  }
  auto& lane = this->lane(endpoint.number);
  now_ = now;
  backpressure_.release(lane);
  set_open(lane, endpoint.is_active() && !own.paused, now);
  lane.limit = own.max_in_flight ? own.max_in_flight : settings_.max_in_flight_per_endpoint;
  lane.allowance =
      lane.target ? std::min<double>(lane.allowance, lane.limit) : std::min(kFirstAllowance, lane.limit);
  lane.limit_when_fast = own.max_in_flight ? own.max_in_flight : kFastAtOnce;
  lane.ahead = std::min(lane.ahead, kAheadOfEach * lane.at_once());
  lane.ordered = own.ordered;
  lane.max_pending = own.max_pending ? own.max_pending : settings_.max_pending;
  note_full(lane);
  lane.rate.set_rate(own.rate_per_second, now);
  if (!lane.target) lane.failing_since = endpoint.failing_since;
  recall(lane);
  if (interrupted) begin_anew(lane);
  given_up_ += reduce_owed(lane, lane.backlog.drop_unowed(state));
  if (!lane.backlog.idle()) list(lane);
  press(lane);
  ready(lane);
}

// A time for which it was shut is no time in which it could have been tried.
void Dispatcher::set_open(Lane& lane, bool open, Instant now) {
  if (lane.open && !open) lane.shut_at = now;
  if (!lane.open && open && lane.shut_at) lane.failing_days.leave_out(now - *lane.shut_at);
  lane.open = open;
}

// Nothing of before is owed any more but what is under way, and how that fares says nothing of after.
void Dispatcher::begin_anew(Lane& lane) {
  for (const auto first : lane.backlog.clear()) stale_packs_.push_back({lane.number, first});
  lane.retries.clear();
  lane.by_hand.clear();
  lane.reads.succeeded();
  lane.set_aside.clear();
  end_catch_up(lane);
  lane.held_until.reset();
  lane.was_away = false;
  given_up_ +=
      reduce_owed(lane, lane.owed - std::min<std::uint64_t>(lane.owed, lane.in_flight + lane.unsettled));
  lane.breaker.reset();
  lane.failing_since.reset();
  lane.failing_days.note_success();
  lane.allowance = std::min(kFirstAllowance, lane.limit);
  lane.ahead = 0;
  for (const auto index : lane.slots) slots_[index].flight.cut_off = true;
}

void Dispatcher::resume_pending(const StartState::LanePending& pending) {
  auto& lane = this->lane(pending.endpoint);
  lane.retries.expect_more();
  if (pending.asked > 0) lane.by_hand.expect_more();
  lane.was_away = true;  // something failed before, and what was known of it is gone
  add_owed(lane, pending.count);
  ready(lane);
}

void Dispatcher::settled(const Concluded& done) {
  auto& lane = this->lane(done.key.endpoint);
  EXPOSEE_ASSERT(lane.unsettled > 0, "every outcome is settled once");
  --lane.unsettled;
  if (done.row) lane.forget(done.key.event);
  if (done.row && done.row->status == DeliveryStatus::pending) {
    lane.retries.add(*done.row);
    ready(lane);
  } else {
    reduce_owed(lane, 1);
    if (lane.ordered) ready(lane);
  }
}

void Dispatcher::retried(const DeliveryRow& row, bool newly_owed) {
  auto& lane = this->lane(row.key.endpoint);
  if (const auto slot = find_slot(row.key)) {
    slots_[*slot].flight.row = row;
    slots_[*slot].flight.cut_off = false;
    return;
  }
  // A pending row that no subscription covers any more counts as cancelled, but was not given up yet.
  const bool counted = lane.retries.remove(row.key.event);
  if (!newly_owed && row.attempts == 0) lane.backlog.remove(row.key.event);  // its first attempt comes by hand
  if (newly_owed && !counted) add_owed(lane, 1);
  press(lane);
  lane.by_hand.add(row);
  ready(lane);
}

void Dispatcher::add_owed(Lane& lane, std::uint64_t count) {
  lane.owed += count;
  owed_ += count;
  note_full(lane);
}

void Dispatcher::note_full(Lane& lane) {
  const bool full = lane.owed >= lane.max_pending;
  if (full == lane.is_full) return;
  lane.is_full = full;
  full_ = full ? full_ + 1 : full_ - 1;
}

// After a crash what packs name may have been delivered since, so it may be asked to give up more than was
// counted, never less than zero.
std::uint64_t Dispatcher::reduce_owed(Lane& lane, std::uint64_t count) {
  count = std::min(count, lane.owed);
  lane.owed -= count;
  owed_ -= count;
  note_full(lane);
  return count;
}

void Dispatcher::ready(Lane& lane) {
  queue_refill(lane);
  if (lane.queued || !lane.has_slot()) return;
  lane.queued = true;
  ready_.push_back(&lane);
}

Flight Dispatcher::land(std::uint64_t ticket, const Verdict& verdict, Duration took, Instant now,
                        double unit) {
  Flight flight;
  now_ = now;
  auto& lane = leave_slot(ticket, flight);
  ++lane.unsettled;
  lane.held_off_for = Duration::zero();
  if (verdict.kind == VerdictKind::success) {
    lane.note_success(took, now);
    queue_catch_up(lane);
  } else {
    lane.note_failure(now, verdict, unit);
    if (!lane.catch_up.is_active()) end_catch_up(lane);
  }
  if (verdict.disable_endpoint) lane.open = false;  // it is disabled when this outcome is written
  const bool less = verdict.slow_down || !lane.open || lane.breaker.state() == BreakerState::open;
  const bool left_alone = verdict.hold && lane.in_flight > 0;
  if (left_alone || (less && lane.waits_outside)) recall(lane);
  press(lane);
  ready(lane);
  return flight;
}

Lane& Dispatcher::leave_slot(std::uint64_t ticket, Flight& flight) {
  const auto index = static_cast<std::uint32_t>(ticket);
  auto& slot = slots_.at(index);
  EXPOSEE_ASSERT(slot.lane && slot.generation == ticket >> 32, "every attempt is answered once");
  auto& lane = *slot.lane;
  flight = std::move(slot.flight);
  free_slot(index);
  if (lane.in_flight == 0) lane.waits_outside = false;
  return lane;
}

const Flight& Dispatcher::flight(std::uint64_t ticket) const {
  return slots_.at(static_cast<std::uint32_t>(ticket)).flight;
}

Result<void> Dispatcher::dispatch(Instant now, Instant handed_at, Handed& handed) {
  now_ = now;
  handed_at_ = handed_at;
  wake_due(now);
  fast_flights_.age(now, [this](std::uint32_t slot) { was_not_soon(*slots_[slot].lane); });
  auto read = refill_some();
  // No more than there is room for: with thousands of them the rest could only be put back.
  const auto let_in = [&](std::deque<Lane*>& waiting, std::size_t most) {
    for (; most > 0 && !waiting.empty(); --most) {
      ready_.push_back(waiting.front());
      waiting.pop_front();
    }
  };
  const auto free = settings_.max_in_flight - used_slots_;
  let_in(crowded_out_, free);
  let_in(fast_crowded_out_, std::min<std::size_t>(free, fast_flights_.room()));
  const auto most_unread = settings_.limits.retries_per_turn;
  while (!ready_.empty() && used_slots_ < settings_.max_in_flight && handed.unread.size() < most_unread) {
    auto& lane = *ready_.front();
    ready_.pop_front();
    lane.queued = false;
    run_lane(lane, now, handed);
    rest(lane, now);
  }
  return read;
}

// The more attempts are under way, the fewer any single lane may add: so lanes that hang share what they take
// among themselves, and there is always something left for one that does not.
bool Dispatcher::has_share(const Lane& lane) const {
  if (lane.is_fast() && fast_flights_.full()) return false;
  // What runs ahead leaves room.
  if (lane.in_flight >= std::min(lane.at_once(), kFastAtOnce) && lane.is_fast() && fast_flights_.is_dense())
    return false;
  const std::size_t free = settings_.max_in_flight - used_slots_;
  return free > 0 && lane.in_flight < std::max<std::size_t>(1, free / kShareOfFree);
}

void Dispatcher::run_lane(Lane& lane, Instant now, Handed& handed) {
  for (std::size_t n = 0; n < kLaneQuantum; ++n) {
    if (!lane.has_slot() || !has_share(lane)) return;
    if (!start_one(lane, now, handed)) return;
  }
}

bool Dispatcher::start_one(Lane& lane, Instant now, Handed& handed) {
  if (!lane.may_start(now) || !lane.rate.take(now)) return false;
  auto next = lane.next(now);
  EXPOSEE_ASSERT(next, "a lane with work has a next delivery");
  Flight flight{.endpoint = lane.number, .probe = lane.breaker.state() != BreakerState::closed};
  const auto* asked = std::get_if<DeliveryRow>(&*next);
  lane.breaker.begin(asked && asked->asked);
  if (auto* row = std::get_if<DeliveryRow>(&*next)) {
    flight.attempt = row->attempts + 1;
    flight.row = *row;
  } else {
    flight.event = std::move(std::get<EventRef>(*next));
    press(lane);
  }
  SendJob job{
      .target = lane.target, .attempt = flight.attempt, .event = flight.event, .at_once = lane.at_once()};
  lane.waits_outside = lane.waits_outside || lane.in_flight >= job.at_once;
  job.ticket = take_off(lane, std::move(flight));
  job.takes_last_place = !lane.has_slot();
  if (lane.is_fast()) fast_flights_.enter(static_cast<std::uint32_t>(job.ticket), handed_at_);
  (job.event ? handed.ready : handed.unread).push_back(std::move(job));
  return true;
}

std::uint64_t Dispatcher::take_off(Lane& lane, Flight&& flight) {
  EXPOSEE_ASSERT(lane.open && lane.in_flight < std::max(lane.limit, lane.at_once() + lane.ahead),
                 "a lane that is shut or full starts nothing (D4, D8)");
  EXPOSEE_ASSERT(!lane.ordered || lane.in_flight + lane.unsettled == 0, "in order means one at a time (D10)");
  EXPOSEE_ASSERT(!flight.row || flight.row->status == DeliveryStatus::pending, "what is final stays so (D4)");
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const auto index = free_slots_.back();
  free_slots_.pop_back();
  auto& slot = slots_[index];
  slot.flight = std::move(flight);
  slot.lane = &lane;
  slot.place = static_cast<std::uint32_t>(lane.slots.size());
  lane.slots.push_back(index);
  ++slot.generation;
  ++lane.in_flight;
  list(lane);
  ++used_slots_;
  return (std::uint64_t{slot.generation} << 32) | index;
}

void Dispatcher::free_slot(std::uint32_t index) {
  auto& slot = slots_[index];
  fast_flights_.leave(index);
  auto& of_lane = slot.lane->slots;
  slots_[of_lane.back()].place = slot.place;
  of_lane[slot.place] = of_lane.back();
  of_lane.pop_back();
  --slot.lane->in_flight;
  --used_slots_;
  slot.lane = nullptr;
  slot.flight = {};
  free_slots_.push_back(index);
}

// After its quantum a lane stands in line again, or sleeps until its next retry, token or probe.
void Dispatcher::rest(Lane& lane, Instant now) {
  queue_refill(lane);
  if (lane.reads.waits(now)) wake(lane, lane.reads.again_at());
  const auto at = lane.look_again_at(now);
  if (!at) {
    if (!lane.has_slot() || !lane.may_start(now)) return;
    if (has_share(lane)) return ready(lane);
    lane.queued = true;
    const bool by_fast_ones = lane.is_fast() && fast_flights_.is_dense();
    (by_fast_ones ? fast_crowded_out_ : crowded_out_).push_back(&lane);
    return;
  }
  wake(lane, *at);
}

void Dispatcher::wake(Lane& lane, Instant at) {
  if (lane.wake_at && *lane.wake_at <= at) return;
  if (lane.wake_at) wakes_.erase({*lane.wake_at, lane.number});
  lane.wake_at = at;
  wakes_.emplace(at, lane.number);
}

void Dispatcher::wake_due(Instant now) {
  while (!wakes_.empty() && wakes_.begin()->first <= now) {
    auto& lane = this->lane(wakes_.begin()->second);
    wakes_.erase(wakes_.begin());
    lane.wake_at.reset();
    ready(lane);
  }
}

std::optional<Instant> Dispatcher::next_wake() const {
  std::optional<Instant> wake;
  if (!wakes_.empty()) wake = wakes_.begin()->first;
  if (const auto at = fast_flights_.ages_at()) wake = wake ? std::min(*wake, *at) : *at;
  return wake;
}

}  // namespace exposee::engine
