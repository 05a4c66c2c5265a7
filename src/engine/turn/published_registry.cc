#include "engine/turn/published_registry.h"

namespace exposee::engine {

void PublishedRegistry::settle(const std::vector<Registry::Change>& changes, Instant now) {
  for (const auto& [number, interrupted] : changes) {
    const auto& state = *registry_.find(number);
    dispatcher_.sync(state, interrupted, now);
    const bool disabled = !state.endpoint->disabled_reason.empty();
    state.endpoint->is_active() ? housekeeping_.keep(number) : housekeeping_.cancel(number);
    if (state.endpoint->removed_at) housekeeping_.forget(number);
    if (disabled && state.endpoint->disabled_at == state.endpoint->updated_at) {
      observer_.endpoint_disabled(*state.endpoint);
    }
  }
  registry_.settle();
  publish();
}

void PublishedRegistry::forget(const std::vector<EndpointNumber>& endpoints) {
  if (endpoints.empty()) return;
  for (const auto number : endpoints) dispatcher_.forget(number);
  registry_.forget(endpoints);
  publish();
}

}  // namespace exposee::engine
