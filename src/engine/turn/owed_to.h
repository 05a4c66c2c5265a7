// Whom the events of a turn are owed to after all: not endpoints that very many deliveries wait for, and not those
// that the same turn has changed. The engine's thread.
#pragma once

#include "engine/intake/intake.h"

namespace exposee::engine {

// Deliveries to endpoints that are full end as they are accepted: their rows join the draft. Looked at once a turn:
// what one turn accepts may go beyond.
void end_overflow(TurnDraft& draft, const Dispatcher& dispatcher, const Registry& registry, Observer& observer,
                  Instant now);

// What a turn accepted, a later command of it may have taken back.
void drop_unowed(TurnDraft& draft, const Registry& registry, const std::vector<Registry::Change>& changes);

}  // namespace exposee::engine
