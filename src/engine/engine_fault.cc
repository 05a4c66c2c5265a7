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

// Whether it was: then all of it is written, set aside or answered, or the store has failed meanwhile.
bool Engine::divide_turn(const Written& written, Instant now, Duration took) {
  if (!comes_again(written) || !can_write(now)) return false;
  registry_.rollback();
  checkpoint_.reset();
  findings_.clear();
  if (const auto parts = divide_parts(now); !parts) {
    void_turn(parts.error, now, {});
    return true;
  }
  plan_.outcomes = plan_.checkpoint = plan_.catches_up = false;
  if (store_failed_.exchange(false)) observer_.store_recovered();
  divide_commands(std::exchange(batch_.commands, {}), now, took);
  return true;
}

// All but the commands. An error that passes ends it: what is not written yet waits for the next turn.
Written Engine::divide_parts(Instant now) {
  using Part = Written (Engine::*)(Instant);
  for (const Part part : {static_cast<Part>(&Engine::divide_outcomes), &Engine::divide_unowed,
                          &Engine::divide_steps, &Engine::divide_checkpoint}) {
    if (auto written = (this->*part)(now); !written) return written;
  }
  return {};
}

// What is there already, once more.
bool Engine::can_write(Instant now) {
  RegistryChanges same;
  same.types.push_back(registry_.types().front());
  return static_cast<bool>(write_part({.registry = &same}, now));
}

// Committed or failed: what else there is passes, like a store that is away. Once more does no harm.
Written Engine::write_part(Turn turn, Instant now) {
  turn.marker = {marker_.node, ++marker_.turn};
  turn.now = now;
  auto written = store_.write(turn);
  if (written || written.end == WriteEnd::failed) return written;
  if (written.end == WriteEnd::unknown) {
    if (const auto settled = store_.settled(turn.marker); settled && *settled) return {};
  }
  return Written::failed({ErrorCode::unavailable, std::move(written.error.message), {}});
}

Written Engine::write_rows(std::span<const DeliveryRow> rows, Instant now) {
  return write_part({.deliveries = rows}, now);
}

Written Engine::divide_outcomes(Instant now) {
  if (!plan_.outcomes) return {};
  std::size_t done = 0;
  auto written = divide_outcomes(0, outcomes_.size(), done, now);
  settle_first_outcomes(done);
  return written;
}

// `done`: those before it are written or set aside.
Written Engine::divide_outcomes(std::size_t first, std::size_t last, std::size_t& done, Instant now) {
  auto written = write_outcomes(first, last, true, now);
  if (comes_again(written)) {
    if (last - first > 1) {
      const auto middle = first + (last - first) / 2;
      if (auto left = divide_outcomes(first, middle, done, now); !left) return left;
      return divide_outcomes(middle, last, done, now);
    }
    written = divide_outcome(first, now);
  }
  if (written) done = last;
  return written;
}

// What it means is kept if that can be.
Written Engine::divide_outcome(std::size_t outcome, Instant now) {
  auto written = write_outcomes(outcome, outcome + 1, false, now);
  if (comes_again(written)) {
    set_aside(outcome, now);
    return {};
  }
  if (written) tell_set_aside(outcome, "its record cannot be stored and is not kept; what it means for the delivery is");
  return written;
}

// The others stay to be written.
void Engine::settle_first_outcomes(std::size_t count) {
  if (count == 0) return;
  for (std::size_t i = 0; i < count; ++i) dispatcher_.settled(outcomes_[i]);
  totals_.attempts += count;
  outcomes_settled_ = dirty_ = true;
  if (count == outcomes_.size()) {
    outcomes_since_.reset();
    order_waits_ = false;
    return;
  }
  const auto from = static_cast<std::ptrdiff_t>(count);
  std::vector<Concluded> outcomes(std::make_move_iterator(outcomes_.begin() + from),
                                  std::make_move_iterator(outcomes_.end()));
  std::vector<AttemptRow> attempts(std::make_move_iterator(attempts_.begin() + from),
                                   std::make_move_iterator(attempts_.end()));
  outcomes_.erase(outcomes_.begin() + from, outcomes_.end());
  tell_outcomes();
  outcomes_ = std::move(outcomes);
  attempts_ = std::move(attempts);
}

// Some of them, with what they mean for their endpoints; of one without the record of its attempt.
Written Engine::write_outcomes(std::size_t first, std::size_t last, bool with_attempts, Instant now) {
  intake_.begin(last_event_, now);
  auto& draft = intake_.draft();
  for (auto i = first; i < last; ++i) {
    const auto& done = outcomes_[i];
    if (done.row) draft.rows.push_back(*done.row);
    if (!done.row && !with_attempts) draft.rows.push_back(row_of_success(i));
    review_endpoint(done, attempts_[i].response.status, now);
  }
  Turn turn;
  if (with_attempts) turn.attempts = std::span(attempts_).subspan(first, last - first);
  turn.deliveries = draft.rows;
  turn.holds = draft.holds;
  turn.failing = draft.failing;
  if (registry_.changed()) {
    turn.registry = &registry_.changes();
    turn.fence.registry = registry_.settled_version();
  }
  auto written = write_part(turn, now);
  if (!written) {
    registry_.rollback();
    return written;
  }
  for (const auto& row : draft.failing) dispatcher_.failing_days_noted(row);
  if (registry_.changed()) settle_registry(registry_.changed_endpoints());
  return written;
}

DeliveryRow Engine::row_of_success(std::size_t outcome) const {
  const auto& attempt = attempts_[outcome];
  return {.key = attempt.key,
          .status = DeliveryStatus::succeeded,
          .attempts = attempt.number,
          .http_status = static_cast<std::uint16_t>(attempt.response.status),
          .updated_at = attempt.response.started_at + attempt.response.timing.total};
}

// Nothing of it can be written: this process makes no further attempt at the delivery, and the next one finds it
// as it was before this attempt.
void Engine::set_aside(std::size_t outcome, Instant now) {
  const auto& done = outcomes_[outcome];
  if (attempts_[outcome].number == 1) dispatcher_.set_aside(*done.event, done.key.endpoint);
  if (auto& row = outcomes_[outcome].row; row && row->status == DeliveryStatus::pending) end_unreadable(*row, now);
  tell_set_aside(outcome, "its outcome cannot be stored; it is set aside, and no attempt follows before a new start");
}

void Engine::tell_set_aside(std::size_t outcome, std::string why) {
  const auto& attempt = attempts_[outcome];
  observer_.row_in_trouble(
      {"attempt", delivery_id_text(attempt.key) + " attempt " + std::to_string(attempt.number), std::move(why)});
}

// Rows that end without an attempt.
Written Engine::divide_unowed(Instant now) {
  if (unowed_.empty()) return {};
  auto written = write_rows(unowed_, now);
  if (written) unowed_.clear();
  if (!comes_again(written)) return written;
  for (; !unowed_.empty(); unowed_.erase(unowed_.begin())) {
    auto one = write_rows({&unowed_.front(), 1}, now);
    if (one) continue;
    if (!comes_again(one)) return one;
    observer_.row_in_trouble(
        {"delivery", delivery_id_text(unowed_.front().key), "that it has ended cannot be stored; it is set aside"});
  }
  return {};
}

// What cannot be brought forward keeps its date.
Written Engine::divide_steps(Instant now) {
  for (auto& step : std::exchange(forwarded_, {})) {
    auto written = step.rows.empty() ? Written{} : write_rows(step.rows, now);
    if (!written && !comes_again(written)) return written;
    if (!written) step.rows.clear();
    dispatcher_.brought_forward(step);
  }
  return {};
}

// Without one a start reads more, and nothing else is lost: so it is a chore like those of housekeeping.
Written Engine::divide_checkpoint(Instant now) {
  if (!plan_.checkpoint) return {};
  auto checkpoint = dispatcher_.checkpoint(last_event_, now);
  auto written = write_part({.checkpoint = Checkpoint{last_event_, checkpoint.marks},
                             .removed_packs = checkpoint.removed,
                             .packs = checkpoint.packs},
                            now);
  if (written) {
    dirty_ = checkpoint.more && !stop_by_;
    checkpoint_at_ = now + kCheckpointInterval;
    checkpoint_ = std::move(checkpoint);
    settle_checkpoint(now);
  } else if (comes_again(written)) {
    checkpoints_.failed(written.error, now, observer_);
    checkpoint_at_ = checkpoints_.due();
    if (stop_by_) dirty_ = false;  // nothing that a stop waits for could be written
    return {};
  }
  return written;
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
    return store_failed_ ? refuse_commands(second) : divide_commands(std::move(second), now, took);
  } else if (comes_again(written)) {
    registry_.rollback();
    failure_ = written.error.code;
    observer_.row_in_trouble({"request", "of a client", "it cannot be stored: " + written.error.message});
    refuse_commands(batch_.commands, written.error.message);
  } else if (written.end == WriteEnd::unknown) {
    look_for_turn(written.error, now, took);
    if (unknown_) return;  // with all that belongs to it
  } else if (written.end == WriteEnd::refused) {
    refuse_turn(written.conflict);
  } else {
    void_turn(written.error, now, {});
  }
  batch_.commands.clear();
  findings_.clear();
}

}  // namespace exposee::engine
