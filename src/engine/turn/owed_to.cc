#include "engine/turn/owed_to.h"

#include <algorithm>
#include <memory>

#include "engine/outcome.h"

namespace exposee::engine {

void end_overflow(TurnDraft& draft, const Dispatcher& dispatcher, const Registry& registry, Observer& observer,
                  Instant now) {
  if (!dispatcher.any_full()) return;
  for (auto& [event, owed_to] : draft.events) {
    auto left = *owed_to;
    draft.overflowed += static_cast<std::uint32_t>(std::erase_if(left, [&](EndpointNumber number) {
      if (!dispatcher.is_full(number)) return false;
      draft.rows.push_back(overflowed({event->seq, number}, now));
      observer.delivery_overflowed(*registry.find(number)->endpoint, now);
      return true;
    }));
    if (left.size() < owed_to->size()) owed_to = std::make_shared<const decltype(left)>(std::move(left));
  }
}

void drop_unowed(TurnDraft& draft, const Registry& registry, const std::vector<Registry::Change>& changes) {
  for (auto& [event, owed_to] : draft.events) {
    auto left = *owed_to;
    for (const auto& change : changes) {
      if (!registry.find(change.number)->owes(event->type, event->version)) std::erase(left, change.number);
    }
    if (left.size() < owed_to->size()) owed_to = std::make_shared<const decltype(left)>(std::move(left));
  }
}

}  // namespace exposee::engine
