#include "engine/lane/pace.h"

namespace exposee::engine {

void Pace::set_limit(std::uint32_t own, std::uint32_t usual) {
  const bool is_first = limit_ == 0;
  limit_ = own ? own : usual;
  allowance_ = is_first ? std::min(kFirstAllowance, limit_) : std::min<double>(allowance_, limit_);
  limit_when_fast_ = own ? own : kFastConcurrency;
  ahead_ = std::min(ahead_, kAheadOfEach * concurrency());
}

// While answers come the allowance grows towards the limit. That an answer takes long is not a reason to send less:
// what this machine can carry is the FastFlights's matter, and what the receiver can, it says itself (429, 503).
// Running ahead is another matter: each prompt answer earns it one job more, the first that is not takes them all.
void Pace::note_response(Duration took, Instant now) {
  speed_.note_response(took, now);
  ahead_ = took < kPromptResponse ? std::min(ahead_ + 1, kAheadOfEach * concurrency()) : 0;
}

void Pace::note_failure(bool slow_down) {
  ahead_ = 0;
  if (slow_down) allowance_ = std::max(1.0, std::min<double>(allowance_, concurrency()) / 2);
}

void Pace::note_overdue() {
  speed_.note_overdue();
  ahead_ = 0;
}

void Pace::begin_anew() {
  allowance_ = std::min(kFirstAllowance, limit_);
  ahead_ = 0;
}

}  // namespace exposee::engine
