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
  forgets_.begin(first_look);
  sifts_.begin(now);
}

void Housekeeping::cancel(EndpointNumber number) {
  if (std::ranges::find(cancelling_, number) == cancelling_.end()) cancelling_.push_back(number);
}

void Housekeeping::keep(EndpointNumber number) {
  std::erase(cancelling_, number);
}

// From its beginning, also when it is being looked through.
void Housekeeping::sift(EndpointNumber number) {
  std::erase_if(sifting_, [&](const SiftPass& pass) { return pass.endpoint == number; });
  sifting_.push_back({.endpoint = number});
}

bool Housekeeping::is_cancelling(EndpointNumber number) const {
  return !cancels_.is_failing() && std::ranges::find(cancelling_, number) != cancelling_.end();
}

Instant Housekeeping::due(bool may_expire) const {
  auto due = may_expire ? expires_.due() : Instant::max();
  if (may_expire && !removed_.empty()) due = std::min(due, forgets_.due());
  if (may_expire && !sifting_.empty()) due = std::min(due, sifts_.due());
  return cancelling_.empty() ? due : std::min(due, cancels_.due());
}

// One that fails lets the next one go first: what is damaged of it holds up nobody else's.
void Housekeeping::cancel_some(Instant now) {
  const auto number = cancelling_.front();
  cancelling_.pop_front();
  const auto ended = store_.cancel(number, kCancelStep, now);
  if (!ended || *ended >= kCancelStep) cancelling_.push_back(number);
  ended ? cancels_.succeeded(now, observer_) : cancels_.failed(ended.error(), now, observer_);
}

std::vector<EndpointNumber> Housekeeping::forget_some(const std::vector<EndpointNumber>& endpoints,
                                                      Instant now) {
  Result<std::vector<EndpointNumber>> gone = std::vector<EndpointNumber>{};
  if (!endpoints.empty()) gone = store_.forget(endpoints);
  is_forgetting_ = gone && !gone->empty();
  if (!gone) {
    forgets_.failed(gone.error(), now, observer_);
    return {};
  }
  std::erase_if(removed_,
                [&](EndpointNumber number) { return std::ranges::find(*gone, number) != gone->end(); });
  forgets_.succeeded(now + (gone->empty() ? kExpireLater : kExpireSoon), observer_);
  return *std::move(gone);
}

void Housekeeping::expire_some(Instant now) {
  const auto gone = store_.expire(now - settings_.retention, now - kReplyRetention, kExpireStep);
  if (!gone) return expires_.failed(gone.error(), now, observer_);
  const bool some = gone->more || gone->events + gone->attempts + gone->deliveries + gone->replies > 0;
  expires_.succeeded(now + (some ? kExpireSoon : kExpireLater), observer_);
}

}  // namespace exposee::engine
