#include "engine/turn/turn_division.h"

#include <utility>

namespace exposee::engine {
namespace {

DeliveryRow row_of_success(const AttemptRow& attempt) {
  return {.key = attempt.key,
          .status = DeliveryStatus::succeeded,
          .attempts = attempt.number,
          .http_status = static_cast<std::uint16_t>(attempt.response.status),
          .updated_at = attempt.response.started_at + attempt.response.timing.total};
}

}  // namespace

TurnDivision::TurnDivision(const TurnParts& parts, const TurnPlan& plan, DivisionBudget& budget, bool ending,
                           Instant now)
    : turn_(parts),
      plan_(plan),
      budget_(budget),
      ending_(ending),
      now_(now),
      steps_(std::exchange(parts.intake.draft().forwarded, {})),
      count_(parts.outcomes.size()) {}

bool TurnDivision::can_write() {
  RegistryChanges same;
  same.types.push_back(turn_.registry.types().front());
  return static_cast<bool>(write({.registry = &same}));
}

// Steps and marks speak of everything that has ended; of a step that is not taken nothing is lost.
Written TurnDivision::write_parts() {
  if (auto written = write_all_outcomes(); !written) return written;
  if (auto written = write_unattempted(); !written) return written;
  if (!is_whole()) return {};
  if (auto written = write_steps(); !written) return written;
  return write_checkpoint();
}

bool TurnDivision::is_whole() const {
  return turn_.outcomes.unattempted().empty() && (!plan_.outcomes || recorded_ == count_);
}

// Committed or failed: what else there is passes, like a store that is away.
Written TurnDivision::write(Turn turn) {
  budget_.count_write();
  auto written = turn_.writer.write_alone(turn, now_);
  if (written.end != WriteEnd::refused) return written;
  return Written::failed({ErrorCode::unavailable, std::string(to_text(written.conflict)), {}});
}

Written TurnDivision::write_rows(std::span<const DeliveryRow> rows) {
  return write({.deliveries = rows});
}

// --- outcomes -------------------------------------------------------------------------------------------

Written TurnDivision::write_all_outcomes() {
  if (!plan_.outcomes) return {};
  auto written = divide_outcomes(0, turn_.outcomes.size());
  if (recorded_ == 0) return written;
  turn_.outcomes.settle_first(recorded_);
  turn_.checkpoints.note_written();
  return written;
}

Written TurnDivision::divide_outcomes(std::size_t first, std::size_t last) {
  auto written = write_outcomes(first, last, true);
  if (comes_again(written)) {
    if (last - first > 1) {
      const auto middle = first + (last - first) / 2;
      auto left = divide_outcomes(first, middle);
      return !left || budget_.is_spent() ? left : divide_outcomes(middle, last);
    }
    written = divide_outcome(first);
  }
  if (written) recorded_ = last;
  return written;
}

// What it means is kept if that can be.
Written TurnDivision::divide_outcome(std::size_t place) {
  auto written = write_outcomes(place, place + 1, false);
  if (comes_again(written)) {
    turn_.outcomes.set_aside(place);
    tell_set_aside(
        place, "its outcome cannot be stored; it is set aside, and no attempt follows before a new start");
    return {};
  }
  if (written)
    tell_set_aside(place, "its record cannot be stored and is not kept; what it means for the delivery is");
  return written;
}

// Some of them, with what they mean for their endpoints; of one without the record of its attempt.
Written TurnDivision::write_outcomes(std::size_t first, std::size_t last, bool with_attempts) {
  turn_.intake.begin(now_);
  turn_.outcomes.decide(first, last, turn_.intake, now_);
  if (with_attempts) return write_draft({.attempts = turn_.outcomes.attempts().subspan(first, last - first)});
  auto& rows = turn_.intake.draft().rows;
  if (!turn_.outcomes.at(first).row) rows.push_back(row_of_success(turn_.outcomes.attempts()[first]));
  return write_draft({});
}

Written TurnDivision::write_draft(Turn turn) {
  auto& [writer, registry, dispatcher, published, intake, outcomes, checkpoints, observer] = turn_;
  const auto& draft = intake.draft();
  turn.deliveries = draft.rows;
  turn.holds = draft.holds;
  turn.failing = draft.failing;
  if (registry.changed()) {
    turn.registry = &registry.changes();
    turn.fence.registry = registry.settled_version();
  }
  auto written = write(turn);
  if (!written) {
    registry.rollback();
    return written;
  }
  for (const auto& row : draft.failing) dispatcher.failing_days_noted(row);
  if (registry.changed()) published.settle(registry.changed_endpoints(), now_);
  return written;
}

void TurnDivision::tell_set_aside(std::size_t place, std::string why) {
  const auto& attempt = turn_.outcomes.attempts()[place];
  turn_.observer.row_in_trouble({"attempt",
                                 delivery_id_text(attempt.key) + " attempt " + std::to_string(attempt.number),
                                 std::move(why)});
}

// --- the rest -------------------------------------------------------------------------------------------

Written TurnDivision::write_unattempted() {
  const auto count = turn_.outcomes.unattempted().size();
  return count == 0 ? Written{} : divide_unattempted(count);
}

// So many of the first: they are gone once they are written or set aside.
Written TurnDivision::divide_unattempted(std::size_t count) {
  const auto first = std::span(turn_.outcomes.unattempted()).first(count);
  auto written = write_rows(first);
  if (comes_again(written)) {
    if (count > 1) {
      auto left = divide_unattempted(count / 2);
      return !left || budget_.is_spent() ? left : divide_unattempted(count - count / 2);
    }
    turn_.observer.row_in_trouble({"delivery", delivery_id_text(first.front().key),
                                   "what became of it cannot be stored; it is set aside"});
    turn_.outcomes.set_aside_unattempted();
    return {};
  }
  if (written) turn_.outcomes.settle_unattempted(count);
  return written;
}

// What cannot be brought forward keeps its date.
Written TurnDivision::write_steps() {
  for (auto& step : steps_) {
    auto written = step.rows.empty() ? Written{} : write_rows(step.rows);
    if (!written && !comes_again(written)) return written;
    if (!written) step.rows.clear();
    turn_.dispatcher.brought_forward(step);
  }
  return {};
}

// A chore like those of housekeeping.
Written TurnDivision::write_checkpoint() {
  if (!plan_.checkpoint) return {};
  return turn_.checkpoints.write_alone(turn_.writer, turn_.intake.last_event(), now_, ending_);
}

}  // namespace exposee::engine
