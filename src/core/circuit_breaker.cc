#include "core/circuit_breaker.h"

#include <algorithm>
#include <utility>

namespace exposee {

std::string_view to_text(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "closed";
    case BreakerState::open:
      return "open";
    case BreakerState::half_open:
      return "half_open";
  }
  return "";
}

bool CircuitBreaker::allows(Instant now) const {
  switch (state_) {
    case BreakerState::closed:
      return true;
    case BreakerState::open:
      return probe_at_ <= now;
    case BreakerState::half_open:
      return !probing_;
  }
  return false;
}

void CircuitBreaker::begin(bool by_hand) {
  if (state_ == BreakerState::closed) return;
  extra_ = by_hand && state_ == BreakerState::open;
  state_ = BreakerState::half_open;
  probing_ = true;
}

void CircuitBreaker::abandon() {
  probing_ = false;
  if (std::exchange(extra_, false)) state_ = BreakerState::open;
}

void CircuitBreaker::ask_at_once() {
  if (state_ == BreakerState::open) state_ = BreakerState::half_open;
}

void CircuitBreaker::put_off(Instant until) {
  if (state_ == BreakerState::closed) return;
  state_ = BreakerState::open;
  probing_ = extra_ = false;
  probe_at_ = std::max(probe_at_, until);
}

// Attempts that began before it opened may still succeed: that, too, says that the endpoint is back.
void CircuitBreaker::succeeded() {
  in_a_row_ = 0;
  if (state_ != BreakerState::closed) return reset();
  if (++seen_ >= kBreakerWindow) seen_ = bad_ = 0;
}

void CircuitBreaker::failed(Instant now, double unit) {
  ++in_a_row_;
  ++bad_;
  ++seen_;
  if (state_ == BreakerState::half_open && extra_) return abandon();
  if (state_ == BreakerState::half_open) {
    wait_ = std::min(wait_ * 2, kBreakerLongestWait);
    return trip(now, unit);
  }
  if (state_ == BreakerState::closed && too_many()) return trip(now, unit);
  if (seen_ >= kBreakerWindow) seen_ = bad_ = 0;
}

bool CircuitBreaker::too_many() const {
  return in_a_row_ >= kBreakerFailures || (seen_ >= kBreakerWindow && bad_ >= kBreakerRate * kBreakerWindow);
}

void CircuitBreaker::trip(Instant now, double unit) {
  state_ = BreakerState::open;
  probing_ = false;
  seen_ = bad_ = 0;
  const double factor = 1.0 - kBreakerJitter + 2 * kBreakerJitter * unit;
  probe_at_ = now + Duration{static_cast<std::int64_t>(static_cast<double>(wait_.count()) * factor)};
}

}  // namespace exposee
