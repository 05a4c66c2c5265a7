#include "engine/turn/turn_figures.h"

#include <algorithm>

namespace exposee::engine {

void TurnFigures::committed(const TurnNote& note) {
  totals_.commits += 1;
  totals_.events += note.events;
  totals_.attempts += note.attempts;
  totals_.commands += note.commands;
}

void TurnFigures::note_pending() {
  totals_.most_pending = std::max(totals_.most_pending, dispatcher_.owed());
}

void TurnFigures::turn_ended(Duration took, Instant now) {
  if (const auto* census = census_.step(dispatcher_, registry_, observer_, now))
    observer_.endpoints_counted(*census);
  observer_.turn_ended({.took = took,
                        .pending = dispatcher_.owed(),
                        .in_flight = dispatcher_.flights(),
                        .given_up = dispatcher_.given_up()});
}

}  // namespace exposee::engine
