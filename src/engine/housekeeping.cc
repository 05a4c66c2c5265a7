#include "engine/housekeeping.h"

#include <algorithm>

namespace exposee::engine {

void Housekeeping::begin(NodeEpoch as, Instant now, Instant first_look) {
  as_ = as;
  expiry_time_.now();
  cancels_.begin(now);
  events_.chore.begin(first_look);
  replies_.chore.begin(first_look);
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

bool Housekeeping::must_cancel_first(EndpointNumber number, Instant now) {
  if (is_stopped_ || !cancels_.is_put_off_with_all(number)) return false;
  cancels_.hurry(now);
  return true;
}

Instant Housekeeping::due(bool may_expire) const {
  if (is_stopped_) return Instant::max();
  const auto due = cancels_.due();
  if (!may_expire) return due;
  return std::min({due, events_.chore.due(), replies_.chore.due(), forgets_.due(), sifts_.due(), ended_.due()});
}

void Housekeeping::cancel_some(Instant now) {
  cancels_.step(now, observer_, [&](const CancelPass& pass) -> Result<ChoreStep> {
    const auto most = settings_.limits.cancel_step;
    const auto ended = store_.cancel(as_, pass.endpoint, most, now);
    if (!ended) return heard(ended.error());
    return ChoreStep{.is_over = *ended < most};
  });
}

void Housekeeping::expire_some(Instant now) {
  if (!events_.chore.is_due(now) && !replies_.chore.is_due(now)) return;
  const auto old = expiry_time_.now();
  expire_one(events_, old - settings_.retention, Instant::min(), now);
  expire_one(replies_, Instant::min(), old - kReplyRetention, now);
}

void Housekeeping::expire_one(Expiry& expiry, Instant events_before, Instant replies_before, Instant now) {
  if (is_stopped_ || !expiry.chore.is_due(now)) return;
  const auto began = clock_.monotonic();
  const auto gone = store_.expire(as_, events_before, replies_before, expiry.step.rows());
  if (!gone) return expiry.chore.failed(heard(gone.error()), now, observer_);
  expiry.step.note(gone->rows, clock_.monotonic() - began);
  expiry.chore.succeeded(now + (gone->more ? kExpireSoon : kExpireLater), observer_);
}

}  // namespace exposee::engine
