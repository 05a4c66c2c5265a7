#include "engine/lane/lane.h"

#include <algorithm>

#include "core/assert.h"

namespace exposee::engine {

bool Lane::has_slot() const {
  if (!open) return false;
  if (ordered) return in_flight + unsettled == 0;
  if (!by_hand.empty() && breaker.allows_by_hand() && in_flight < at_once()) return true;
  const auto may_start = std::min<double>(allowance, at_once());
  return in_flight + 1 <= may_start || (may_start == at_once() && may_run_ahead());
}

// Nothing fails, little waits to be tried again, and there is no rate to keep.
bool Lane::may_run_ahead() const {
  const bool few_retries = retries.size() <= kFewRetries && !retries.has_more();
  const bool well = breaker.state() == BreakerState::closed && few_retries;
  const bool small = !backlog.empty() && backlog.front_bytes() <= kAheadBody;
  return in_flight < at_once() + ahead && well && small && !rate.limits();
}

// In an ordered lane a retry that is not due yet holds everything up: that is what ordered means.
bool Lane::has_work(Instant now) const {
  if (now < held_off_until || (ordered && by_hand.has_any())) return false;
  if (ordered && retries.has_any()) return retries.has_due(now);
  return !backlog.empty() || retries.has_due(now);
}

// While a probe is under way its outcome comes first: by hand goes right after it.
bool Lane::has_asked(Instant now) const {
  return !by_hand.empty() && now >= held_off_until && breaker.allows_by_hand();
}

bool Lane::may_start(Instant now) const {
  return has_asked(now) || (has_work(now) && !is_held(now) && breaker.allows(now));
}

// Otherwise first attempts and retries take turns, so that neither a flood of events nor a mass of retries
// starves the other.
std::optional<std::variant<DeliveryRow, EventRef>> Lane::next(Instant now) {
  if (has_asked(now)) return *by_hand.pop_due(Instant::max());
  if (!has_work(now)) return std::nullopt;
  retry_turn = !retry_turn;
  if (retry_turn || ordered || backlog.empty()) {
    if (auto row = retries.pop_due(now)) return *row;
  }
  if (!backlog.empty()) return backlog.pop();
  return *retries.pop_due(now);
}

void Lane::forget(EventSeq event) {
  retries.settled(event);
  by_hand.settled(event);
}

std::optional<Instant> Lane::look_again_at(Instant now) const {
  if (!open) return std::nullopt;
  if (now < held_off_until) return held_off_until;
  if (may_start(now)) return rate.ready_at() > now ? std::optional(rate.ready_at()) : std::nullopt;
  if (!has_work(now)) return retries.next_due();
  if (is_held(now)) return held_until;
  if (breaker.state() == BreakerState::open && breaker.probe_at() > now) return breaker.probe_at();
  return std::nullopt;
}

// While answers come the allowance grows towards the limit. That an answer takes long is no reason to send
// less: what this machine can carry is the FastFlights's matter, and what the receiver can, it says itself (429,
// 503). Running ahead is another matter: each prompt answer earns it one job more, the first that is not
// takes them all.
void Lane::note_success(Duration took, Instant now) {
  speed.note_response(took, now);
  ahead = took < kPromptResponse ? std::min(ahead + 1, kAheadOfEach * at_once()) : 0;
  const bool was_shut = breaker.state() != BreakerState::closed;
  note_return(now);
  if (was_shut) return;  // back from the dead: one more round at a time
  allowance = std::min(allowance + kAllowanceStep, static_cast<double>(limit));
}

void Lane::note_return(Instant now) {
  const bool outage = failing_since && now - *failing_since >= kShortOutage;
  const bool is_back = was_away || outage || breaker.state() != BreakerState::closed;
  failing_since.reset();
  failing_days.note_success();
  breaker.succeeded();
  catch_up.note_success();
  if (!is_back || is_held(now)) return;  // what was under way before a hold ends no hold
  was_away = false;
  catch_up.begin(now);
}

// It comes back one attempt at a time. The receiver is there and has named its time, so that is no failure to
// the breaker.
void Lane::hold(Instant until, Instant now) {
  breaker.put_off(until);
  const auto from = is_held(now) ? *held_until : now;
  if (until <= from) return;
  held_until = until;
  failing_days.leave_out(until - from);
  allowance = 1;
  was_away = true;
  catch_up.end();
}

void Lane::resume(Instant now) {
  if (is_held(now)) failing_days.leave_out(now - *held_until);  // what was left of it counts after all
  held_until.reset();
  breaker.ask_at_once();
}

// An endpoint that comes back after its breaker was open begins with one attempt at a time.
void Lane::note_failure(Instant now, const Verdict& verdict, double unit) {
  if (!failing_since) failing_since = now;
  ahead = 0;
  if (verdict.slow_down) slow_down();
  if (verdict.hold) return hold(now + *verdict.hold, now);
  breaker.failed(now, unit);
  catch_up.note_failure(breaker.failures_in_a_row());
  if (breaker.state() == BreakerState::open) {
    allowance = 1;
    catch_up.end();
  }
}

// Many of its attempts come back together, and count once.
void Lane::note_shortage(Instant now) {
  if (now < held_off_until) return;
  held_off_for = std::clamp(2 * held_off_for, kShortestHoldOff, kLongestHoldOff);
  held_off_until = now + held_off_for;
}

// Before the window is empty, so that the lane goes on meanwhile.
bool Lane::wants_events(Instant now) const {
  return open && backlog.has_beyond() && backlog.size() <= window(now) / 4;
}

}  // namespace exposee::engine
