// What the engine tells those who watch (ports/observer.h). It gives values; they render.
#include <algorithm>
#include <utility>

#include "engine/engine.h"

namespace exposee::engine {

void Engine::note_breaker(EndpointNumber number, BreakerState was) {
  const bool was_open = was != BreakerState::closed;
  const bool open = dispatcher_.breaker(number) != BreakerState::closed;
  if (open != was_open) observer_.breaker_changed(*registry_.find(number)->endpoint, open);
}

// Last of all: whoever writes a line for each of them holds up no reply and no attempt.
void Engine::tell_outcomes() {
  if (!std::exchange(outcomes_settled_, false)) return;
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    const auto& done = outcomes_[i];
    const auto* endpoint = registry_.find(done.key.endpoint)->endpoint.get();
    observer_.attempt_finished(
        {done.key, done.event.get(), endpoint, attempts_[i].number, &attempts_[i].response, done.verdict.cause,
         done.row ? done.row->status : DeliveryStatus::succeeded, done.row ? done.row->due : std::nullopt});
  }
  outcomes_.clear();
  attempts_.clear();
}

TurnNote Engine::turn_note(std::size_t recorded, Duration commit) {
  const auto ended_as = [this](DeliveryStatus status) {
    return static_cast<std::uint32_t>(std::ranges::count(unowed_, status, &DeliveryRow::status));
  };
  return {.events = static_cast<std::uint32_t>(intake_.draft().events.size()),
          .attempts = static_cast<std::uint32_t>(recorded),
          .commands = static_cast<std::uint32_t>(batch_.commands.size()),
          .commit = commit,
          .exhausted = ended_as(DeliveryStatus::exhausted) + overflow_,
          .cancelled = ended_as(DeliveryStatus::cancelled)};
}

void Engine::tell_turn(Duration began, Instant now) {
  if (const auto* census = census_.step(dispatcher_, registry_, now)) observer_.endpoints_counted(*census);
  observer_.turn_ended({.took = clock_.monotonic() - began,
                        .pending = dispatcher_.owed(),
                        .in_flight = dispatcher_.flights(),
                        .given_up = dispatcher_.given_up()});
}

}  // namespace exposee::engine
