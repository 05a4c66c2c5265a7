// A turn that the store will never take, because of something in it: an error that comes again with the same
// write (a damaged page, a row that breaks a rule). What is at fault is found by halves and set aside, by name,
// and all else is written. When nothing at all can be written it is the store that fails, and nothing is set
// aside.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/engine.h"

namespace exposee::engine {
namespace {

// Only what happens again with the very same write.
bool comes_again(const Written& written) {
  const auto code = written.error.code;
  return written.end == WriteEnd::failed && !written.perhaps &&
         (code == ErrorCode::internal || code == ErrorCode::damaged);
}

}  // namespace

// Whether it was: then all of it is written, set aside or answered.
bool Engine::divide_turn(const Written& written, Instant now, Duration took) {
  if (!comes_again(written) || !can_write(now)) return false;
  registry_.rollback();
  checkpoint_.reset();
  findings_.clear();
  if (plan_.outcomes) divide_outcomes(now);
  divide_unowed(now);
  divide_steps(now);
  plan_.outcomes = plan_.checkpoint = plan_.catches_up = false;
  checkpoint_at_ = now + kCheckpointInterval;
  if (store_failed_.exchange(false)) observer_.store_recovered();
  divide_commands(std::exchange(batch_.commands, {}), now, took);
  return true;
}

// What is there already, once more.
bool Engine::can_write(Instant now) {
  RegistryChanges same;
  same.types.push_back(registry_.types().front());
  return static_cast<bool>(
      store_.write({.marker = {marker_.node, ++marker_.turn}, .now = now, .registry = &same}));
}

bool Engine::write_rows(std::span<const DeliveryRow> rows, Instant now) {
  return static_cast<bool>(
      store_.write({.marker = {marker_.node, ++marker_.turn}, .now = now, .deliveries = rows}));
}

void Engine::divide_outcomes(Instant now) {
  divide_outcomes(0, outcomes_.size(), now);
  for (const auto& done : outcomes_) dispatcher_.settled(done);
  totals_.attempts += outcomes_.size();
  outcomes_since_.reset();
  order_waits_ = false;
  outcomes_settled_ = dirty_ = true;
}

void Engine::divide_outcomes(std::size_t first, std::size_t last, Instant now) {
  if (write_outcomes(first, last, true, now)) return;
  if (last - first > 1) {
    const auto middle = first + (last - first) / 2;
    divide_outcomes(first, middle, now);
    divide_outcomes(middle, last, now);
  } else if (!write_outcomes(first, last, false, now)) {
    set_aside(first, now);
  } else {
    tell_set_aside(first, "its record cannot be stored and is not kept; what it means for the delivery is");
  }
}

// Some of them, with what they mean for their endpoints; of one without the record of its attempt.
bool Engine::write_outcomes(std::size_t first, std::size_t last, bool with_attempts, Instant now) {
  intake_.begin(last_event_, now);
  auto& draft = intake_.draft();
  for (auto i = first; i < last; ++i) {
    const auto& done = outcomes_[i];
    if (done.row) draft.rows.push_back(*done.row);
    if (!done.row && !with_attempts) draft.rows.push_back(row_of_success(i));
    review_endpoint(done, attempts_[i].response.status, now);
  }
  Turn turn{.marker = {marker_.node, ++marker_.turn}, .now = now};
  if (with_attempts) turn.attempts = std::span(attempts_).subspan(first, last - first);
  turn.deliveries = draft.rows;
  turn.holds = draft.holds;
  if (registry_.changed()) {
    turn.registry = &registry_.changes();
    turn.fence.registry = registry_.settled_version();
  }
  if (!store_.write(turn)) {
    registry_.rollback();
    return false;
  }
  if (registry_.changed()) settle_registry(registry_.changed_endpoints());
  return true;
}

DeliveryRow Engine::row_of_success(std::size_t outcome) const {
  const auto& attempt = attempts_[outcome];
  return {.key = attempt.key,
          .status = DeliveryStatus::succeeded,
          .attempts = attempt.number,
          .http_status = static_cast<std::uint16_t>(attempt.response.status),
          .updated_at = attempt.response.started_at + attempt.response.timing.total};
}

// Nothing of it can be written: this process makes no further attempt at the delivery.
void Engine::set_aside(std::size_t outcome, Instant now) {
  if (auto& row = outcomes_[outcome].row; row && row->status == DeliveryStatus::pending) end_unreadable(*row, now);
  tell_set_aside(outcome, "its outcome cannot be stored; it is set aside, and no attempt follows before a new start");
}

void Engine::tell_set_aside(std::size_t outcome, std::string why) {
  const auto& attempt = attempts_[outcome];
  observer_.row_in_trouble(
      {"attempt", delivery_id_text(attempt.key) + " attempt " + std::to_string(attempt.number), std::move(why)});
}

// Rows that end without an attempt.
void Engine::divide_unowed(Instant now) {
  const bool whole = unowed_.empty() || write_rows(unowed_, now);
  for (const auto& row : unowed_) {
    if (whole || write_rows({&row, 1}, now)) continue;
    observer_.row_in_trouble(
        {"delivery", delivery_id_text(row.key), "that it has ended cannot be stored; it is set aside"});
  }
  unowed_.clear();
}

// What cannot be brought forward keeps its date.
void Engine::divide_steps(Instant now) {
  for (auto& step : forwarded_) {
    if (!step.rows.empty() && !write_rows(step.rows, now)) step.rows.clear();
    dispatcher_.brought_forward(step);
  }
  forwarded_.clear();
}

// Each is answered by itself in the end, if need be.
void Engine::divide_commands(std::vector<Command>&& commands, Instant now, Duration took) {
  batch_.commands = std::move(commands);
  intake_.begin(last_event_, now);
  if (batch_.commands.empty()) return;
  const auto written = decide_and_write(now);
  if (written) {
    settle(now, took);
  } else if (batch_.commands.size() > 1 && comes_again(written)) {
    registry_.rollback();
    findings_.clear();
    const auto middle = batch_.commands.begin() + static_cast<std::ptrdiff_t>(batch_.commands.size() / 2);
    std::vector<Command> second(std::make_move_iterator(middle), std::make_move_iterator(batch_.commands.end()));
    batch_.commands.erase(middle, batch_.commands.end());
    divide_commands(std::exchange(batch_.commands, {}), now, took);
    return divide_commands(std::move(second), now, took);
  } else if (comes_again(written)) {
    registry_.rollback();
    failure_ = written.error.code;
    observer_.row_in_trouble({"request", "of a client", "it cannot be stored: " + written.error.message});
    refuse_commands(batch_.commands, written.error.message);
  } else {
    void_turn(written.error, now, {});
  }
  batch_.commands.clear();
  findings_.clear();
}

}  // namespace exposee::engine
