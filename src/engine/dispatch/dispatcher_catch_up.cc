// Lanes whose endpoints are back, held by their receivers, or to be tried at once.
#include <algorithm>
#include <utility>

#include "engine/dispatch/dispatcher.h"

namespace exposee::engine {
namespace {

bool wants_step(const Lane& lane, Instant now) {
  return lane.catch_up.wants_step() && lane.open && !lane.is_held(now) && !lane.retries.has_due(now) &&
         lane.breaker.state() == BreakerState::closed;
}

// Of the rows in order of date, those that a step takes, and how far it looked.
Dispatcher::Forward choose(const Lane& lane, std::vector<DeliveryRow>&& rows, Instant now) {
  Dispatcher::Forward step{lane.number, lane.catch_up.cursor(), rows.size() == kCatchUpScan, {}};
  for (auto& row : rows) {
    if (step.rows.size() == lane.catch_up.step()) {
      step.more = true;
      break;
    }
    step.cursor = {*row.due, row.key.event};
    if (!lane.catch_up.takes(row, now)) continue;
    row.due = now;
    row.brought_forward = true;
    step.rows.push_back(std::move(row));
  }
  return step;
}

}  // namespace

void Dispatcher::queue_catch_up(Lane& lane) {
  if (lane.catching_up || !lane.catch_up.wants_step()) return;
  lane.catching_up = true;
  catching_up_.push_back(&lane);
}

void Dispatcher::leave_catch_up_line(Lane& lane) {
  if (std::exchange(lane.catching_up, false)) std::erase(catching_up_, &lane);
}

void Dispatcher::end_catch_up(Lane& lane) {
  lane.catch_up.end();
  leave_catch_up_line(lane);
}

bool Dispatcher::may_catch_up(Instant now) const {
  return std::ranges::any_of(catching_up_, [&](const Lane* lane) { return wants_step(*lane, now); });
}

Result<std::vector<Dispatcher::Forward>> Dispatcher::next_steps(Instant now) {
  std::vector<Forward> steps;
  for (auto n = catching_up_.size(); n > 0 && steps.size() < kCatchUpsPerTurn; --n) {
    auto& lane = *catching_up_.front();
    catching_up_.pop_front();
    lane.catching_up = false;
    queue_catch_up(lane);
    if (!wants_step(lane, now)) continue;
    const auto [due, event] = lane.catch_up.cursor();
    auto rows = store_.load_pending(lane.number, due, event, kCatchUpScan);
    if (!rows) return std::move(rows).error();
    steps.push_back(choose(lane, *std::move(rows), now));
  }
  return steps;
}

void Dispatcher::brought_forward(const Forward& step) {
  auto& lane = this->lane(step.endpoint);
  if (!lane.catch_up.is_active()) return;  // it was disabled by this very turn, and begins anew
  for (const auto& row : step.rows) {
    lane.retries.remove(row.key.event);
    lane.retries.add(row);
  }
  lane.catch_up.took_step(step.cursor, step.more, !step.rows.empty());
  if (!lane.catch_up.wants_step()) leave_catch_up_line(lane);  // stands in it again with the next success
  ready(lane);
}

void Dispatcher::resume_hold(const Hold& hold, Instant now) {
  auto& lane = this->lane(hold.endpoint);
  if (!lane.open) return;
  if (lane.failing_since) lane.held_in_all = hold.in_all;
  // Not longer than any hold can be: the clock may have been set back.
  if (hold.until > now) lane.held_until = std::min<Instant>(hold.until, now + kLongestHold);
  lane.was_away = true;
  ready(lane);
}

void Dispatcher::resumed(EndpointNumber number, Instant now) {
  auto& lane = this->lane(number);
  lane.resume(now);
  ready(lane);
}

void Dispatcher::returned(EndpointNumber number, Instant now) {
  auto& lane = this->lane(number);
  lane.note_return(now);
  queue_catch_up(lane);
  ready(lane);
}

}  // namespace exposee::engine
