#include "engine/census.h"

#include <algorithm>
#include <utility>

#include "engine/turn/outcomes.h"

namespace exposee::engine {
namespace {

// `gate`: its lane's, or as that of a new one when it has none.
EndpointStatus status_of(const Gate& gate, const Endpoint& endpoint, Instant now) {
  if (!endpoint.disabled_reason.empty()) return EndpointStatus::disabled;
  if (endpoint.settings.paused) return EndpointStatus::paused;
  if (gate.is_held(now)) return EndpointStatus::held;
  return endpoint.failing_since ? EndpointStatus::failing : EndpointStatus::active;
}

LaneStop stop_of(const Gate& gate, const Endpoint& endpoint, Instant now) {
  if (endpoint.settings.paused) return LaneStop::paused;
  if (gate.is_held(now)) return LaneStop::held;
  return gate.breaker().state() == BreakerState::closed ? LaneStop::nothing : LaneStop::breaker;
}

}  // namespace

// A turn that is behind the last count's time by more than an interval (its clock was set back) counts at once.
const Census* CensusTaker::step(Dispatcher& dispatcher, const Registry& registry, Observer& observer,
                                Instant now) {
  if (next_ == 0 && now < due_ && due_ <= now + kCensusInterval) return nullptr;
  const auto end = std::min(dispatcher.endpoints(), next_ + kCensusStep);
  for (; next_ < end; ++next_) {
    const EndpointNumber number{next_ + 1};
    const auto* state = registry.find(number);
    if (!state) continue;
    tell_hold(dispatcher, *state->endpoint, observer, now);
    count(dispatcher.find_lane(number), *state->endpoint, now);
  }
  if (next_ < dispatcher.endpoints()) return nullptr;
  next_ = 0;
  due_ = now + kCensusInterval;
  complete_ = std::exchange(counting_, {});
  return &complete_;
}

void CensusTaker::count(const Lane* lane, const Endpoint& endpoint, Instant now) {
  static const Gate kNew;
  if (endpoint.removed_at) return;
  const auto& gate = lane ? lane->gate : kNew;
  ++counting_.endpoints[static_cast<std::size_t>(status_of(gate, endpoint, now))];
  counting_.waiting[static_cast<std::size_t>(stop_of(gate, endpoint, now))] += lane ? lane->waiting() : 0;
  counting_.open_breakers += gate.breaker().state() != BreakerState::closed;
}

}  // namespace exposee::engine
