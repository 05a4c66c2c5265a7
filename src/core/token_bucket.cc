#include "core/token_bucket.h"

#include <cmath>

namespace exposee {
namespace {

constexpr double kMicrosPerSecond = 1e6;

}  // namespace

void TokenBucket::set_rate(std::uint32_t per_second, Instant now) {
  if (per_second == per_second_) return;
  const bool fresh = per_second_ == 0;
  per_second_ = per_second;
  tokens_ =
      fresh ? std::max(1.0, tokens_) : std::min(tokens_, std::max(1.0, static_cast<double>(per_second)));
  filled_at_ = now;
}

void TokenBucket::refill(Instant now) {
  if (now <= filled_at_) return;
  const double burst = std::max(1.0, static_cast<double>(per_second_));
  tokens_ = std::min(
      burst, tokens_ + static_cast<double>((now - filled_at_).count()) * per_second_ / kMicrosPerSecond);
  filled_at_ = now;
}

bool TokenBucket::take(Instant now) {
  if (per_second_ == 0) return true;
  refill(now);
  if (tokens_ < 1.0) return false;
  tokens_ -= 1.0;
  return true;
}

Instant TokenBucket::ready_at() const {
  if (per_second_ == 0 || tokens_ >= 1.0) return filled_at_;
  const double missing = (1.0 - tokens_) * kMicrosPerSecond / per_second_;
  return filled_at_ + Duration{static_cast<std::int64_t>(std::ceil(missing))};
}

}  // namespace exposee
