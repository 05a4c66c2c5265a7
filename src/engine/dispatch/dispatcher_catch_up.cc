// Lanes whose endpoints are back, held by their receivers, or to be tried at once.
#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "engine/dispatch/dispatcher.h"

namespace exposee::engine {
namespace {

bool wants_step(const Lane& lane, Instant now) {
  return lane.catch_up.wants_step() && lane.open && !lane.is_held(now) && !lane.reads.waits(now) && !lane.retries.has_due(now) &&
         lane.breaker.state() == BreakerState::closed;
}

RetryWindow::Place place_of(const DeliveryRow& row) {
  return {*row.due, row.key.event};
}

// Makes of a page as it is on disk what it will be with the rows that this turn writes: as far as the page
// goes, in the same order.
void lay_over(std::vector<DeliveryRow>& page, std::optional<RetryWindow::Place> end, const Lane& lane,
              std::span<const DeliveryRow> written) {
  std::unordered_map<EventSeq, const DeliveryRow*> last;
  for (const auto& row : written) {
    if (row.key.endpoint == lane.number) last[row.key.event] = &row;
  }
  if (last.empty()) return;
  std::erase_if(page, [&](const DeliveryRow& row) { return last.contains(row.key.event); });
  for (const auto& [event, row] : last) {
    if (row->status != DeliveryStatus::pending || row->asked) continue;
    const auto place = place_of(*row);
    if (lane.catch_up.cursor() < place && (!end || place <= *end)) page.push_back(*row);
  }
  std::ranges::sort(page, {}, place_of);
}

// Of the rows in order of date, those that a step takes, and how far it looked. `end`: others lie beyond it.
Dispatcher::Forward choose(const Lane& lane, std::vector<DeliveryRow>&& rows,
                           std::optional<RetryWindow::Place> end, Instant now) {
  Dispatcher::Forward step{lane.number, end.value_or(lane.catch_up.cursor()), end.has_value(), {}};
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

Result<std::vector<Dispatcher::Forward>> Dispatcher::next_steps(Instant now,
                                                                std::span<const DeliveryRow> written) {
  now_ = now;
  std::vector<Forward> steps;
  for (auto n = catching_up_.size(); n > 0 && steps.size() < kCatchUpsPerTurn; --n) {
    auto& lane = *catching_up_.front();
    catching_up_.pop_front();
    lane.catching_up = false;
    queue_catch_up(lane);
    if (!wants_step(lane, now)) continue;
    const auto [due, event] = lane.catch_up.cursor();
    auto rows = store_.load_pending(lane.number, due, event, kCatchUpScan);
    if (!rows) {
      EXPOSEE_TRY(bear(lane, rows.error()));
      continue;
    }
    lane.reads.succeeded();
    const auto end = rows->size() == kCatchUpScan ? std::optional(place_of(rows->back())) : std::nullopt;
    lay_over(*rows, end, lane, written);
    steps.push_back(choose(lane, *std::move(rows), end, now));
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
  // Not longer than any hold can be: the clock may have been set back.
  if (hold.until > now) lane.held_until = std::min<Instant>(hold.until, now + kLongestHold);
  lane.was_away = true;
  ready(lane);
}

void Dispatcher::resume_failing_days(const FailingDaysRow& row, Duration running) {
  auto& lane = this->lane(row.endpoint);
  if (!lane.failing_since) return;  // it is well, or the server ended before that it fails was worth a note
  lane.failing_days.resume(row.note, running);
  lane.failing_noted = row.note;
}

std::optional<FailingDaysNote> Dispatcher::failing_days_to_note(EndpointNumber number, Duration running,
                                                                bool anew) const {
  const auto& lane = *lanes_.at(number.value - 1);
  const auto note = lane.failing_days.note(running);
  const bool same_day = note.days == lane.failing_noted.days;
  if (!anew && same_day && note.into_day - lane.failing_noted.into_day < kNoteFailingDays) return std::nullopt;
  return note;
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
