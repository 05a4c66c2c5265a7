#include "engine/turn/owed_to.h"

#include <algorithm>
#include <vector>

#include "engine/outcome.h"

namespace exposee::engine {

void end_overflow(TurnDraft& draft, const Dispatcher& dispatcher, const Registry& registry, Observer& observer,
                  Instant now) {
  if (!dispatcher.any_full()) return;
  for (auto& [event, owed_to] : draft.events) {
    draft.overflowed += static_cast<std::uint32_t>(owed_to.drop([&](EndpointNumber number) {
      if (!dispatcher.is_full(number)) return false;
      draft.rows.push_back(overflowed({event->seq, number}, now));
      observer.delivery_overflowed(*registry.find(number)->endpoint, now);
      return true;
    }));
  }
}

void drop_unowed(TurnDraft& draft, const Registry& registry, const std::vector<Registry::Change>& changes) {
  for (auto& [event, owed_to] : draft.events) {
    std::vector<EndpointNumber> unowed;  // in order, as the changes are
    for (const auto& change : changes) {
      if (!registry.owes(change.number, event->type, event->version)) unowed.push_back(change.number);
    }
    if (unowed.empty()) continue;
    owed_to.drop([&](EndpointNumber number) { return std::ranges::binary_search(unowed, number); });
  }
}

}  // namespace exposee::engine
