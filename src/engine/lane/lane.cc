#include "engine/lane/lane.h"

namespace exposee::engine {

// First attempts and retries take turns, so that neither a flood of events nor a mass of retries starves the
// other.
std::optional<std::variant<Retry, EventRef>> Lane::next(Instant now) {
  if (gate.has_asked(work(), now)) return *retries.by_hand().pop_due(Instant::max());
  if (!gate.has_work(work(), now)) return std::nullopt;
  if (retries.take_turn() || gate.is_ordered() || backlog.empty()) {
    if (auto retry = retries.by_schedule().pop_due(now)) return *std::move(retry);
  }
  if (!backlog.empty()) return backlog.pop();
  return *retries.by_schedule().pop_due(now);
}

void Lane::note_success(Duration took, Instant now) {
  pace.note_response(took, now);
  const bool was_shut = gate.breaker().state() != BreakerState::closed;
  note_return(now);
  if (!was_shut) pace.grow(took);  // else it was held or its breaker open: it begins with one
}

void Lane::note_return(Instant now) {
  const bool is_back = gate.note_return(now);
  retries.catch_up().note_success();
  if (is_back) retries.catch_up().begin(now);
}

// After a hold, and after its breaker was open, it comes back one attempt at a time.
void Lane::note_failure(Instant now, const Verdict& verdict, double unit) {
  gate.note_failing(now);
  pace.note_failure(verdict.slow_down);
  bool stopped = false;
  if (verdict.hold) {
    stopped = gate.hold(now + *verdict.hold, now);
  } else {
    gate.note_failure(now, unit);
    retries.catch_up().note_failure(gate.breaker().failures_in_a_row());
    stopped = gate.breaker().state() == BreakerState::open;
  }
  if (!stopped) return;
  pace.one_at_a_time();
  retries.catch_up().end();
}

void Lane::begin_anew() {
  retries.clear();
  reads.begin_anew();
  set_aside.clear();
  gate.begin_anew();
  pace.begin_anew();
}

bool Lane::is_idle() const {
  const bool in_line = lines.ready || lines.rows || lines.events || lines.retry_events || lines.catch_up ||
                       lines.listed || lines.wake_at;
  const bool presses = pressure.piled || !pressure.on.empty();
  return !in_line && !presses && flights.open() == 0 && owed.count == 0 && backlog.idle() &&
         set_aside.empty();
}

void Lane::release() {
  flights.slots.shrink_to_fit();
  backlog.release();
  retries.release();
  set_aside.release();
  pressure.on.shrink_to_fit();
}

// Before the window is empty, so that the lane goes on meanwhile.
bool Lane::wants_events(Instant now) const {
  return gate.is_open() && !reads.waits(LaneRead::window, now) && backlog.has_beyond() &&
         !backlog.is_reading() && backlog.size() <= window(now) / 4;
}

bool Lane::wants_rows(bool by_hand, Instant now) const {
  const auto read = by_hand ? LaneRead::rows_by_hand : LaneRead::rows_by_schedule;
  return gate.is_open() && retries.line(by_hand).wants_refill() && !reads.waits(read, now);
}

bool Lane::wants_retry_events(Instant now) const {
  const bool waits = retries.is_reading_events() || reads.waits(LaneRead::retry_events, now);
  if (retries.size() == 0 || waits) return false;
  return retries.by_hand().wants_events(Instant::max(), events_by_hand(now)) ||
         retries.by_schedule().wants_events(now, events_by_schedule(now));
}

void Lane::fit_retries(Instant now) {
  if (!gate.is_stopped(now)) return retries.set_most(limits.retry_window);
  retries.set_most(limits.stopped_retries);
  const auto most = gate.is_open() ? limits.stopped_retries : 0;
  retries.drop_events(most, most);
}

}  // namespace exposee::engine
