#include "engine/census.h"

#include <algorithm>
#include <utility>

namespace exposee::engine {
namespace {

EndpointStatus status_of(const Lane& lane, const Endpoint& endpoint, Instant now) {
  if (!endpoint.disabled_reason.empty()) return EndpointStatus::disabled;
  if (endpoint.settings.paused) return EndpointStatus::paused;
  if (lane.gate.is_held(now)) return EndpointStatus::held;
  return endpoint.failing_since ? EndpointStatus::failing : EndpointStatus::active;
}

LaneStop stop_of(const Lane& lane, const Endpoint& endpoint, Instant now) {
  if (endpoint.settings.paused) return LaneStop::paused;
  if (lane.gate.is_held(now)) return LaneStop::held;
  return lane.gate.breaker().state() == BreakerState::closed ? LaneStop::nothing : LaneStop::breaker;
}

}  // namespace

// A turn that is behind the last count's time by more than an interval (its clock was set back) counts at once.
const Census* CensusTaker::step(const Dispatcher& dispatcher, const Registry& registry, Instant now) {
  if (next_ == 0 && now < due_ && due_ <= now + kCensusInterval) return nullptr;
  const auto end = std::min(dispatcher.lanes(), next_ + kCensusStep);
  for (; next_ < end; ++next_) {
    const auto& lane = dispatcher.lane_at(next_);
    count(lane, *registry.find(lane.number)->endpoint, now);
  }
  if (next_ < dispatcher.lanes()) return nullptr;
  next_ = 0;
  due_ = now + kCensusInterval;
  complete_ = std::exchange(counting_, {});
  return &complete_;
}

void CensusTaker::count(const Lane& lane, const Endpoint& endpoint, Instant now) {
  if (endpoint.removed_at) return;
  ++counting_.endpoints[static_cast<std::size_t>(status_of(lane, endpoint, now))];
  counting_.waiting[static_cast<std::size_t>(stop_of(lane, endpoint, now))] += lane.waiting();
  counting_.open_breakers += lane.gate.breaker().state() != BreakerState::closed;
}

}  // namespace exposee::engine
