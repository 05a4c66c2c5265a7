#include "engine/housekeeping.h"

#include <algorithm>

namespace exposee::engine {

void Housekeeping::begin(NodeEpoch as, Instant now, Instant first_look) {
  as_ = as;
  expiry_time_.now();
  cancels_.begin(now);
  expires_.begin(first_look);
  forgets_.begin(first_look);
  ended_.begin(first_look);
  sifts_.begin(now);
}

void Housekeeping::cancel(EndpointNumber number) {
  if (!cancels_.has(number)) cancels_.add({number});
}

void Housekeeping::keep(EndpointNumber number) {
  cancels_.remove(number);
}

// From its beginning, also when it is being looked through.
void Housekeeping::sift(EndpointNumber number) {
  sifts_.remove(number);
  sifts_.add({.endpoint = number});
}

bool Housekeeping::is_cancelling(EndpointNumber number) const {
  return !is_stopped_ && cancels_.waits(number);
}

Instant Housekeeping::due(bool may_expire) const {
  if (is_stopped_) return Instant::max();
  const auto due = cancels_.due();
  if (!may_expire) return due;
  return std::min({due, expires_.due(), forgets_.due(), sifts_.due(), ended_.due()});
}

void Housekeeping::cancel_some(Instant now) {
  cancels_.step(now, observer_, [&](const CancelPass& pass) -> Result<ChoreStep> {
    const auto ended = store_.cancel(as_, pass.endpoint, kCancelStep, now);
    if (!ended) return heard(ended.error());
    return ChoreStep{.is_over = *ended < kCancelStep};
  });
}

void Housekeeping::expire_some(Instant now) {
  const auto old = expiry_time_.now();
  const auto gone = store_.expire(as_, old - settings_.retention, old - kReplyRetention, kExpireStep);
  if (!gone) return expires_.failed(heard(gone.error()), now, observer_);
  const bool some = gone->more || gone->events + gone->attempts + gone->deliveries + gone->replies > 0;
  expires_.succeeded(now + (some ? kExpireSoon : kExpireLater), observer_);
}

}  // namespace exposee::engine
