#include "engine/lane/gate.h"

#include <algorithm>

namespace exposee::engine {

// --- the rule -------------------------------------------------------------------------------------------

bool Gate::has_slot(const Work& work) const {
  if (!open_) return false;
  if (ordered_) return work.in_flight + work.unsettled == 0;
  const auto& pace = work.pace;
  const bool asked = work.retries.by_hand().is_next_read() && breaker_.allows_by_hand();
  if (asked && work.in_flight < pace.concurrency()) return true;
  return pace.has_slot(work.in_flight) || (pace.may_run_ahead(work.in_flight) && may_run_ahead(work));
}

// Nothing fails, little waits to be tried again, and there is no rate to keep.
bool Gate::may_run_ahead(const Work& work) const {
  const bool well = breaker_.state() == BreakerState::closed && work.retries.are_few();
  const bool small = !work.backlog.empty() && work.backlog.front_bytes() <= kAheadBody;
  return well && small && !rate_.limits();
}

bool Gate::has_share(const Work& work, const Occupancy& occupancy) const {
  const bool fast = may_be_fast(work.pace);
  if (fast && occupancy.fast_full) return false;
  // What runs ahead leaves room.
  const bool ahead = work.in_flight >= std::min(work.pace.concurrency(), kFastConcurrency);
  if (ahead && fast && occupancy.fast_dense) return false;
  return occupancy.free > 0 && work.in_flight < std::max<std::size_t>(1, occupancy.free / kShareOfFree);
}

// In an ordered lane a retry that is not due yet holds everything up, and so does a delivery that is set
// aside: that is what ordered means.
bool Gate::has_work(const Work& work, Instant now) const {
  const auto& retries = work.retries;
  if (now < held_off_until_) return false;
  if (ordered_ && (work.has_set_aside || retries.by_hand().has_any())) return false;
  if (ordered_ && retries.by_schedule().has_any()) return retries.has_ready(now);
  return !work.backlog.empty() || retries.has_ready(now);
}

bool Gate::is_due(const Work& work, Instant now) const {
  return has_work(work, now) || (now >= held_off_until_ && work.retries.has_due(now));
}

// While a probe is under way its outcome comes first: by hand goes right after it.
bool Gate::has_asked(const Work& work, Instant now) const {
  return work.retries.by_hand().is_next_read() && now >= held_off_until_ && breaker_.allows_by_hand();
}

bool Gate::may_start(const Work& work, Instant now) const {
  return has_asked(work, now) || (has_work(work, now) && !is_held(now) && breaker_.allows(now));
}

std::optional<Instant> Gate::look_again_at(const Work& work, Instant now) const {
  if (!open_) return std::nullopt;
  if (now < held_off_until_) return held_off_until_;
  if (may_start(work, now)) return rate_.ready_at() > now ? std::optional(rate_.ready_at()) : std::nullopt;
  if (!is_due(work, now)) return work.retries.by_schedule().next_due();
  if (is_held(now)) return held_until_;
  if (breaker_.state() == BreakerState::open && breaker_.probe_at() > now) return breaker_.probe_at();
  return std::nullopt;
}

bool Gate::may_catch_up(const Work& work, Instant now) const {
  return !is_stopped(now) && !work.retries.has_due(now);
}

bool Gate::is_next(const Work& work, EventSeq event) const {
  const auto& retries = work.retries;
  if (work.in_flight + work.unsettled > 0 || work.has_set_aside || retries.by_hand().has_any()) return false;
  if (retries.by_schedule().has_any()) return retries.by_schedule().next_event() == event;
  return !work.backlog.empty() && work.backlog.front_seq() == event;
}

Waiting Gate::waiting(const Work& work, const DeliveryRow& row, Instant now) const {
  if (row.asked) {
    return breaker_.is_probing() ? Waiting{WaitReason::probe, std::nullopt} : Waiting{WaitReason::place, now};
  }
  if (ordered_ && !is_next(work, row.key.event)) return {WaitReason::order, std::nullopt};
  return waits_until_due(row, now);
}

// Of one that is open and of a delivery whose turn it is.
Waiting Gate::waits_until_due(const DeliveryRow& row, Instant now) const {
  const auto due = std::max(*row.due, now);
  if (is_held(now) && *held_until_ >= due) return {WaitReason::held, held_until_};
  const auto probe_at = std::max(breaker_.probe_at(), now);
  if (breaker_.state() == BreakerState::open && probe_at >= due) return {WaitReason::breaker, probe_at};
  if (due > now) {
    const bool asked_to_wait = row.not_before && *row.not_before >= due;
    return {asked_to_wait ? WaitReason::retry_after : WaitReason::schedule, due};
  }
  if (breaker_.is_probing()) return {WaitReason::probe, std::nullopt};
  const auto token_at = rate_.limits() ? rate_.ready_at() : now;
  return token_at > now ? Waiting{WaitReason::rate, token_at} : Waiting{WaitReason::place, now};
}

// --- state ----------------------------------------------------------------------------------------------

std::optional<FailingDaysNote> Gate::failing_days_to_note(Duration running, bool anew) const {
  const auto note = failing_days_.note(running);
  const bool same_day = note.days == failing_noted_.days;
  if (!anew && same_day && note.into_day - failing_noted_.into_day < kNoteFailingDays) return std::nullopt;
  return note;
}

// --- what happens ---------------------------------------------------------------------------------------

void Gate::set_open(bool open, Instant now) {
  if (open_ && !open) shut_at_ = now;
  if (!open_ && open && shut_at_) failing_days_.leave_out(now - *shut_at_);
  open_ = open;
}

void Gate::begin_anew() {
  held_until_.reset();
  was_away_ = false;
  breaker_.reset();
  failing_since_.reset();
  failing_days_.note_success();
}

void Gate::resume_failing_days(const FailingDaysNote& note, Duration running) {
  if (!failing_since_) return;  // it is well, or the server ended before that it fails was worth a note
  failing_days_.resume(note, running);
  failing_noted_ = note;
}

// Not longer than any hold can be: the clock may have been set back.
void Gate::resume_hold(Instant until, Instant now) {
  if (until > now) held_until_ = std::min<Instant>(until, now + kLongestHold);
  told_held_ = is_held(now);  // before the start
  was_away_ = true;
}

bool Gate::begin(bool by_hand) {
  const bool probe = breaker_.state() != BreakerState::closed;
  breaker_.begin(by_hand);
  return probe;
}

bool Gate::note_return(Instant now) {
  const bool outage = failing_since_ && now - *failing_since_ >= kShortOutage;
  const bool is_back = was_away_ || outage || breaker_.state() != BreakerState::closed;
  failing_since_.reset();
  failing_days_.note_success();
  breaker_.succeeded();
  if (!is_back || is_held(now)) return false;  // what was under way before a hold ends no hold
  was_away_ = false;
  return true;
}

void Gate::note_failure(Instant now, double unit) {
  breaker_.failed(now, unit);
}

// The receiver is there and has named its time, so that is not a failure to the breaker.
bool Gate::hold(Instant until, Instant now) {
  breaker_.put_off(until);
  const auto from = is_held(now) ? *held_until_ : now;
  if (until <= from) return false;
  held_until_ = until;
  failing_days_.leave_out(until - from);
  was_away_ = true;
  return true;
}

Gate::HoldNews Gate::hold_news(Instant now) {
  if (is_held(now) == told_held_) return HoldNews::none;
  told_held_ = !told_held_;
  return told_held_ ? HoldNews::begun : HoldNews::over;
}

void Gate::resume(Instant now) {
  if (is_held(now)) failing_days_.leave_out(now - *held_until_);  // what was left of it counts after all
  held_until_.reset();
  breaker_.ask_at_once();
}

void Gate::note_shortage(Instant now) {
  if (now < held_off_until_) return;
  held_off_for_ = std::clamp(2 * held_off_for_, kShortestHoldOff, kLongestHoldOff);
  held_off_until_ = now + held_off_for_;
}

}  // namespace exposee::engine
