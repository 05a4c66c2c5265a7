// How a turn ends. Committed: its effects go out. Refused or failed: nothing of it happened. Unknown: nothing
// is acknowledged, repeated or begun before the store has said which of the two it was.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/engine.h"
#include "engine/turn/owed_to.h"
#include "engine/turn/replies.h"

namespace exposee::engine {
namespace {

// Whoever has taken over sends what it held: nothing is written here any more, and so nothing is sent.
Error taken_over() {
  return {ErrorCode::unavailable, "Another node has taken over what this one held.", "Start this one again."};
}

constexpr std::string_view kPerhapsStored =
    "It is not known whether this was stored: repeat it with the same Idempotency-Key, and it counts once";

}  // namespace

void Engine::end_turn(const TurnPlan& plan, const Written& written, Instant now, Duration took) {
  switch (written.end) {
    case WriteEnd::committed:
      return settle(plan, now, took);
    case WriteEnd::unknown:
      return look_for_turn({plan, took}, written.error, now);
    case WriteEnd::refused:
      if (written.conflict == Conflict::stale_node) return end_for_another(now);
      return refuse_turn(written.conflict);
    case WriteEnd::failed:
      if (divide_turn(plan, written, now, took)) return;
      return void_turn(written.error, now, written.perhaps ? kPerhapsStored : std::string_view{});
  }
}

// --- committed ------------------------------------------------------------------------------------------

void Engine::settle(const TurnPlan& plan, Instant now, Duration commit) {
  auto& draft = intake_.draft();
  const auto note = note_of(plan, commit);
  const bool wrote = note.events > 0 || note.attempts > 0 || !outcomes_.unattempted().empty() ||
                     !draft.forwarded.empty() || registry_.changed();
  health_.succeeded();
  checkpoints_.settle(now, wrote, shutdown_.is_ending());
  figures_.committed(note);
  intake_.settle();
  outcomes_.settle(plan.outcomes);
  if (registry_.changed()) settle_registry(now);
  settle_lanes(now);
  figures_.note_pending();
  for (const auto& [place, endpoint] : draft.deferred) arrivals_.defer(place, endpoint);
  deliver_replies(arrivals_.commands(), draft.replies, dispatcher_);
  for (const auto& change : draft.changes) doors_.observer.registry_changed(change);
  doors_.observer.turn_committed(note);
}

TurnNote Engine::note_of(const TurnPlan& plan, Duration commit) {
  const auto& draft = intake_.draft();
  const auto ended_as = [this](DeliveryStatus status) {
    return static_cast<std::uint32_t>(
        std::ranges::count(outcomes_.unattempted(), status, &DeliveryRow::status));
  };
  return {.events = static_cast<std::uint32_t>(draft.events.size()),
          .attempts = static_cast<std::uint32_t>(plan.outcomes ? outcomes_.size() : 0),
          .commands = static_cast<std::uint32_t>(arrivals_.commands().size()),
          .commit = commit,
          .exhausted = ended_as(DeliveryStatus::exhausted) + draft.overflowed,
          .cancelled = ended_as(DeliveryStatus::cancelled)};
}

void Engine::settle_registry(Instant now) {
  const auto changes = registry_.changed_endpoints();
  drop_unowed(intake_.draft(), registry_, changes);
  published_.settle(changes, now);
}

void Engine::settle_lanes(Instant now) {
  const auto& draft = intake_.draft();
  for (const auto& [event, owed_to] : draft.events) dispatcher_.route(event, owed_to, now);
  for (const auto& row : draft.failing) dispatcher_.failing_days_noted(row);
  for (const auto& [row, newly_owed] : draft.retried) dispatcher_.retried(row, newly_owed);
  for (const auto& step : draft.forwarded) dispatcher_.brought_forward(step);
  for (const auto number : draft.resumed) {
    dispatcher_.resumed(number, now);
    tell_hold(dispatcher_, *registry_.find(number)->endpoint, doors_.observer, now);
  }
  for (const auto number : draft.returned) {
    const auto was = dispatcher_.breaker(number);
    dispatcher_.returned(number, now);
    tell_breaker(dispatcher_, *registry_.find(number)->endpoint, was, doors_.observer);
  }
}

// --- not written ----------------------------------------------------------------------------------------

// Refused kDecisions times, and the store works: its commands get that reply, its outcomes go with the next
// turn.
void Engine::refuse_turn(Conflict conflict) {
  registry_.rollback();
  checkpoints_.drop();
  refuse(arrivals_.commands(), ErrorCode::unavailable,
         "Another writer committed first each time: " + std::string(to_text(conflict)));
}

// Another node has taken over: as far as this one is concerned the store takes nothing any more.
void Engine::end_for_another(Instant now) {
  housekeeping_.stop();
  void_turn(taken_over(), now);
}

// Nothing of this turn happened: outcomes stay to be written with the next one, commands are refused.
void Engine::void_turn(const Error& error, Instant now, std::string_view why) {
  registry_.rollback();
  checkpoints_.drop();
  if (health_.works()) dispatcher_.recall_all();  // no attempt starts whose outcome could not be recorded
  store_failed(error, now);
  refuse(arrivals_.commands(), error.code, why);
}

void Engine::store_failed(const Error& error, Instant now) {
  health_.failed(error, now);
  shutdown_.give_up(now);
}

void Engine::refuse(std::vector<Command>& commands, ErrorCode failure, std::string_view why) {
  refuse_commands(commands, StoreHealth::refusal(failure, why), dispatcher_);
}

// --- unknown --------------------------------------------------------------------------------------------

// Nothing is acknowledged, repeated or taken in before it is known how the turn ended.
void Engine::look_for_turn(const UnknownTurn& turn, const Error& error, Instant now) {
  writer_.hold(turn);
  if (health_.works()) dispatcher_.recall_all();
  store_failed(error, now);
  health_.try_at(now);
  find_out(now);
}

// Whether it is known by now.
bool Engine::find_out(Instant now) {
  if (!health_.may_write(now)) return false;
  const auto is_written = writer_.settled();
  if (!is_written) {
    store_failed(is_written.error(), now);
    return false;
  }
  const auto turn = writer_.release();
  if (*is_written) {
    settle(turn.plan, now, turn.took);
  } else {
    void_turn({health_.failure(), "A turn was not written.", {}}, now);
  }
  return true;
}

// The engine has come to its end: each caller that still waits gets a reply, which says whether it may have
// been carried out.
void Engine::answer_rest() {
  if (writer_.has_unknown()) {
    auto held = std::exchange(arrivals_.commands(), {});
    refuse(held, health_.failure(), kPerhapsStored);
  }
  auto rest = arrivals_.take_rest();
  const auto refusal = health_.works() ? Refused{Refusal::overloaded, "The server is stopping."}
                                       : StoreHealth::refusal(health_.failure());
  refuse_commands(rest, refusal, dispatcher_);
}

// --- divided --------------------------------------------------------------------------------------------

// Whether it was: then all of it is written, set aside or answered, or the store has failed meanwhile.
bool Engine::divide_turn(const TurnPlan& plan, const Written& written, Instant now, Duration took) {
  if (!comes_again(written)) return false;
  const TurnParts parts{writer_, registry_, dispatcher_,  published_,
                        intake_, outcomes_, checkpoints_, doors_.observer};
  DivisionBudget budget(settings_.limits.division_writes, doors_.clock);
  TurnDivision division(parts, plan, budget, shutdown_.is_ending(), now);
  if (!division.can_write()) return false;
  registry_.rollback();
  checkpoints_.drop();
  const auto divided = division.write_parts();
  figures_.count_attempts(division.recorded());
  if (!divided) {
    void_turn(divided.error, now);
    return true;
  }
  health_.succeeded();
  leave_for_next_turn(division);
  auto rest = plan;
  rest.outcomes = rest.checkpoint = rest.catches_up = false;
  divide_commands(std::exchange(arrivals_.commands(), {}), rest, budget, now, took);
  return true;
}

// What asks finds deliveries as they are once all outcomes are written; rows that have ended are part of
// whatever is written next, and would take it down.
void Engine::leave_for_next_turn(const TurnDivision& division) {
  if (!outcomes_.unattempted().empty()) return arrivals_.leave(std::exchange(arrivals_.commands(), {}));
  if (!division.is_whole()) arrivals_.leave_asking();
}

// Each is answered by itself in the end, if need be.
void Engine::divide_commands(std::vector<Command>&& commands, const TurnPlan& plan, DivisionBudget& budget,
                             Instant now, Duration took) {
  arrivals_.commands() = std::move(commands);
  intake_.begin(now);
  if (arrivals_.commands().empty()) return;
  budget.count_write();
  const auto written = decide_and_write(plan, now);
  if (!comes_again(written)) {
    end_turn(plan, written, now, took);
    if (writer_.has_unknown()) return;  // with all that belongs to it
  } else {
    registry_.rollback();
    if (arrivals_.commands().size() > 1) return divide_further(plan, budget, now, took);
    doors_.observer.row_in_trouble(
        {"request", "of a client", "it cannot be stored: " + written.error.message});
    refuse(arrivals_.commands(), written.error.code, written.error.message);
  }
  arrivals_.commands().clear();
}

void Engine::divide_further(const TurnPlan& plan, DivisionBudget& budget, Instant now, Duration took) {
  auto first = std::exchange(arrivals_.commands(), {});
  const auto middle = first.begin() + static_cast<std::ptrdiff_t>(first.size() / 2);
  std::vector<Command> second(std::make_move_iterator(middle), std::make_move_iterator(first.end()));
  first.erase(middle, first.end());
  divide_commands(std::move(first), plan, budget, now, took);
  if (!health_.works()) return refuse(second, health_.failure());
  if (budget.is_spent()) return arrivals_.leave(std::move(second));
  divide_commands(std::move(second), plan, budget, now, took);
}

}  // namespace exposee::engine
