#include "engine/housekeeping.h"

#include <algorithm>

namespace exposee::engine {

void Chore::succeeded(Instant next, Observer& observer) {
  due_ = next;
  if (wait_ == Duration::zero()) return;
  wait_ = {};
  observer.chore_recovered(name_);
}

void Chore::failed(const Error& error, Instant now, Observer& observer) {
  if (wait_ == Duration::zero()) observer.chore_failed(name_, error);
  wait_ = std::clamp(2 * wait_, kFirstBackOff, kLongestBackOff);
  due_ = now + wait_;
}

void Housekeeping::begin(Instant now, Instant first_look) {
  cancels_.begin(now);
  expires_.begin(first_look);
}

void Housekeeping::cancel(EndpointNumber number) {
  if (std::ranges::find(cancelling_, number) == cancelling_.end()) cancelling_.push_back(number);
}

void Housekeeping::keep(EndpointNumber number) {
  std::erase(cancelling_, number);
}

bool Housekeeping::is_cancelling(EndpointNumber number) const {
  return !cancels_.is_failing() && std::ranges::find(cancelling_, number) != cancelling_.end();
}

Instant Housekeeping::due(bool may_expire) const {
  const auto expire = may_expire ? expires_.due() : Instant::max();
  return cancelling_.empty() ? expire : std::min(expire, cancels_.due());
}

void Housekeeping::step(Instant now, bool may_expire) {
  if (!cancelling_.empty() && cancels_.is_due(now)) cancel_some(now);
  if (may_expire && expires_.is_due(now)) expire_some(now);
}

// One that fails lets the next one go first: what is damaged of it holds up nobody else's.
void Housekeeping::cancel_some(Instant now) {
  const auto number = cancelling_.front();
  cancelling_.pop_front();
  const auto ended = store_.cancel(number, kCancelStep, now);
  if (!ended || *ended >= kCancelStep) cancelling_.push_back(number);
  ended ? cancels_.succeeded(now, observer_) : cancels_.failed(ended.error(), now, observer_);
}

void Housekeeping::expire_some(Instant now) {
  const auto gone = store_.expire(now - settings_.retention, now - kReplyRetention, kExpireStep);
  if (!gone) return expires_.failed(gone.error(), now, observer_);
  const bool some = gone->more || gone->events + gone->attempts + gone->deliveries + gone->replies > 0;
  expires_.succeeded(now + (some ? kExpireSoon : kExpireLater), observer_);
}

}  // namespace exposee::engine
