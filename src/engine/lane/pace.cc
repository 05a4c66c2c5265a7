#include "engine/lane/pace.h"

namespace exposee::engine {

void Pace::set_limit(std::uint32_t own, std::uint32_t usual) {
  const bool is_first = limit_ == 0;
  limit_ = own ? own : usual;
  limit_when_fast_ = own ? own : kFastConcurrency;
  allowance_ = std::min<double>(is_first ? kFirstAllowance : allowance_,
                                is_first ? limit_ : concurrency() + most_ahead());
}

// What runs ahead is earned by prompt responses, and the first that is not takes all of it. Apart from that,
// that a response takes long is not a reason to send less: what this machine can carry is the FastFlights's
// matter, and what the receiver can, it says itself (429, 503).
void Pace::note_response(Duration took, Instant now) {
  speed_.note_response(took, now);
  if (took >= kPromptResponse) end_running_ahead();
}

void Pace::grow(Duration took) {
  const double all = concurrency();
  if (allowance_ < all) {
    allowance_ = std::min(allowance_ + kAllowanceStep, all);
  } else if (took < kPromptResponse) {
    allowance_ = std::min(allowance_ + 1, all + most_ahead());
  }
}

void Pace::note_failure(bool slow_down) {
  end_running_ahead();
  if (slow_down) allowance_ = std::max(1.0, allowance_ / 2);
}

void Pace::note_overdue() {
  speed_.note_overdue();
  end_running_ahead();
}

void Pace::begin_anew() {
  allowance_ = std::min(kFirstAllowance, limit_);
}

}  // namespace exposee::engine
