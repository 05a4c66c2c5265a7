#include "engine/lane.h"

#include <algorithm>

#include "core/assert.h"

namespace exposee::engine {

bool FreshWindow::push(const EventRef& event, bool room) {
  if (behind_) return false;
  if (!room || events_.size() >= kFreshWindow) {
    behind_ = true;
    cursor_ = EventSeq{event->seq.value - 1};
    return false;
  }
  events_.push_back(event);
  bytes_ += event->body.size();
  return true;
}

void FreshWindow::refill(OwedPage&& page) {
  EXPOSEE_ASSERT(behind_, "only a window that is behind reads back");
  for (auto& event : page.events) {
    bytes_ += event->body.size();
    events_.push_back(std::move(event));
  }
  cursor_ = std::max(cursor_, page.scanned_to);
  behind_ = page.more;
}

EventRef FreshWindow::pop() {
  auto event = std::move(events_.front());
  events_.pop_front();
  bytes_ -= event->body.size();
  return event;
}

void FreshWindow::put_back(EventRef&& event) {
  bytes_ += event->body.size();
  const auto place =
      std::ranges::upper_bound(events_, event->seq, {}, [](const EventRef& e) { return e->seq; });
  events_.insert(place, std::move(event));
}

void FreshWindow::start_behind(EventSeq cursor) {
  behind_ = true;
  cursor_ = cursor;
}

std::size_t FreshWindow::drop_unowed(const EndpointState& state) {
  return std::erase_if(events_, [&](const EventRef& e) {
    if (state.owes(e->type, e->version)) return false;
    bytes_ -= e->body.size();
    return true;
  });
}

std::size_t FreshWindow::clear() {
  const auto dropped = events_.size();
  events_.clear();
  bytes_ = 0;
  behind_ = false;
  return dropped;
}

std::optional<Instant> RetryWindow::next_due() const {
  if (rows_.empty()) return std::nullopt;
  return rows_.begin()->first.first;
}

void RetryWindow::add(const DeliveryRow& row) {
  const Place place{*row.due, row.key.event};
  if (more_ && place > horizon_) return;  // read back when the window comes to it
  rows_.emplace(place, row);
  if (rows_.size() <= kRetryWindow) return;
  const auto last = std::prev(rows_.end());
  if (last->first <= popped_to_) return;  // beyond the horizon may lie only what nobody was given
  rows_.erase(last);
  horizon_ = std::max(std::prev(rows_.end())->first, popped_to_);
  more_ = true;
}

void RetryWindow::refill(std::span<const DeliveryRow> rows) {
  more_ = rows.size() >= kRetryWindow;
  for (const auto& row : rows) rows_.emplace(Place{*row.due, row.key.event}, row);
  if (more_) horizon_ = Place{*rows.back().due, rows.back().key.event};
}

std::optional<DeliveryRow> RetryWindow::pop_due(Instant now) {
  if (rows_.empty() || rows_.begin()->first.first > now) return std::nullopt;
  popped_to_ = std::max(popped_to_, rows_.begin()->first);
  auto row = rows_.begin()->second;
  rows_.erase(rows_.begin());
  return row;
}

bool RetryWindow::remove(EventSeq event) {
  return std::erase_if(rows_, [&](const auto& entry) { return entry.first.second == event; }) != 0;
}

void RetryWindow::clear() {
  rows_.clear();
  more_ = false;
  horizon_ = {};
}

bool Lane::has_slot() const {
  if (!open) return false;
  if (ordered) return in_flight + unsettled == 0;
  const auto may_start = std::min<double>(allowance, at_once());
  return in_flight + 1 <= may_start || (may_start == at_once() && may_run_ahead());
}

// Nothing fails, little waits to be tried again, and there is no rate to keep.
bool Lane::may_run_ahead() const {
  const bool few_retries = retries.size() <= kFewRetries && !retries.has_more();
  const bool well = breaker.state() == BreakerState::closed && few_retries;
  const bool small = !fresh.empty() && fresh.front_bytes() <= kAheadBody;
  return in_flight < at_once() + ahead && well && small && !rate.limits();
}

// In an ordered lane a retry that is not due yet holds everything up: that is what ordered means.
bool Lane::has_work(Instant now) const {
  if (now < held_off_until) return false;
  const auto due = retries.next_due();
  if (ordered && (due || retries.has_more())) return due && *due <= now;
  return !fresh.empty() || (due && *due <= now);
}

// Otherwise first attempts and retries take turns, so that neither a flood of events nor a mass of retries
// starves the other.
std::optional<std::variant<DeliveryRow, EventRef>> Lane::next(Instant now) {
  if (!has_work(now)) return std::nullopt;
  retry_turn = !retry_turn;
  if (retry_turn || ordered || fresh.empty()) {
    if (auto row = retries.pop_due(now)) return *row;
  }
  if (!fresh.empty()) return fresh.pop();
  return *retries.pop_due(now);
}

std::optional<Instant> Lane::look_again_at(Instant now) const {
  if (!open) return std::nullopt;
  if (now < held_off_until) return held_off_until;
  if (!has_work(now)) return retries.next_due();
  if (breaker.state() == BreakerState::open && breaker.probe_at() > now) return breaker.probe_at();
  if (rate.ready_at() > now) return rate.ready_at();
  return std::nullopt;
}

// While answers come the allowance grows towards the limit. That an answer takes long is no reason to send
// less: what this machine can carry is the Crowd's matter, and what the receiver can, it says itself (429,
// 503). Running ahead is another matter: each prompt answer earns it one job more, the first that is not
// takes them all.
void Lane::note_success(Duration took, Instant now) {
  measure(took, now);
  ahead = took < kPromptAnswer ? std::min(ahead + 1, kAheadOfEach * at_once()) : 0;
  failing_since.reset();
  const bool was_shut = breaker.state() != BreakerState::closed;
  breaker.succeeded();
  if (was_shut) return;  // back from the dead: one more round at a time
  allowance = std::min(allowance + kAllowanceStep, static_cast<double>(limit));
}

void Lane::measure(Duration took, Instant now) {
  if (base_time == Duration::zero()) {
    base_time = usual_time = took;
    measured_since = now;
  }
  usual_time += (took - usual_time) / kUsualWeight;
  base_time = std::min(base_time, took);
  shortest = std::min(shortest, took);
  if (++measured < kMeasureWindow || now - measured_since < kMeasureTime) return;
  base_time = shortest;
  shortest = Duration::max();
  measured = 0;
  measured_since = now;
}

// An endpoint that comes back after its breaker was open begins with one attempt at a time.
void Lane::note_failure(Instant now, bool asks_for_less, double unit) {
  if (!failing_since) failing_since = now;
  ahead = 0;
  if (asks_for_less) slow_down();
  breaker.failed(now, unit);
  if (breaker.state() == BreakerState::open) allowance = 1;
}

// Many of its attempts come back together, and count once.
void Lane::note_shortage(Instant now) {
  if (now < held_off_until) return;
  held_off_for = std::clamp(2 * held_off_for, kShortestHoldOff, kLongestHoldOff);
  held_off_until = now + held_off_for;
}

bool Lane::wants_refill(bool room) const {
  const bool fresh_wanted = room && fresh.behind() && fresh.size() < kFreshWindow / 4;
  return open && (fresh_wanted || retries.wants_refill());
}

}  // namespace exposee::engine
