#include "engine/turn/published_registry.h"

#include <algorithm>

namespace exposee::engine {

void PublishedRegistry::settle(const std::vector<Registry::Change>& changes, Instant now) {
  for (const auto& [number, interrupted, cut_off] : changes) {
    const auto& state = *registry_.find(number);
    dispatcher_.sync(state, interrupted, now);
    const bool disabled = !state.endpoint->disabled_reason.empty();
    state.endpoint->is_active() ? housekeeping_.keep(number) : housekeeping_.cancel(number);
    if (state.endpoint->removed_at) housekeeping_.forget(number);
    if (cut_off && dispatcher_.may_sift(number)) housekeeping_.sift(number);
    if (disabled && state.endpoint->disabled_at == state.endpoint->updated_at) {
      observer_.endpoint_disabled(*state.endpoint);
    }
  }
  if (std::ranges::any_of(registry_.changes().subscriptions, [](const Subscription& s) { return bool{s.until}; }))
    housekeeping_.subscription_ended(now);
  registry_.settle();
  publish();
}

// Who reads the registry does not miss them: they are in no list, so that a snapshot without them can wait
// until the last of many has gone. Whoever keeps something of a snapshot makes it anew for each.
void PublishedRegistry::forget(const std::vector<EndpointNumber>& endpoints, bool more) {
  for (const auto number : endpoints) dispatcher_.forget(number);
  registry_.forget(endpoints);
  is_behind_ |= !endpoints.empty();
  if (is_behind_ && !more) publish();
}

void PublishedRegistry::publish() {
  snapshot_.store(registry_.snapshot());
  is_behind_ = false;
}

}  // namespace exposee::engine
