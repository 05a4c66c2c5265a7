#include "engine/turn/outcomes.h"

#include <iterator>
#include <utility>

namespace exposee::engine {

// --- what came back -------------------------------------------------------------------------------------

void Outcomes::conclude(std::vector<std::vector<SendResult>>& results, Instant now) {
  if (results.empty()) return;
  const auto wall = clock_.now();  // what a Retry-After that is a date is read against
  for (auto& some : results) {
    for (auto& result : some) conclude(std::move(result), wall, now);
  }
}

void Outcomes::conclude(SendResult&& result, Instant wall, Instant now) {
  if (result.outcome != SendOutcome::answered) return take_back(result, now);
  const auto number = dispatcher_.flight(result.ticket).endpoint;
  const auto& endpoint = *registry_.find(number)->endpoint;
  const auto verdict = judge(result.response, wall, endpoint.settings.max_retry_after);
  const bool succeeded = verdict.kind == VerdictKind::success;
  const double unit = succeeded ? 0.0 : random_.random01();
  const auto was = dispatcher_.breaker(number);
  if (!succeeded) dispatcher_.count_failing_day(number, clock_.monotonic());
  auto flight = dispatcher_.land(result.ticket, verdict, result.response.timing.total, now, unit);
  tell_breaker(dispatcher_, endpoint, was, observer_);
  if (verdict.hold) tell_hold(dispatcher_, endpoint, observer_, now);
  const auto& schedule = endpoint.settings.schedule ? *endpoint.settings.schedule : settings_.schedule;
  const bool still_owed = !succeeded && still_owes(flight);
  const auto status = result.response.status;
  attempts_.emplace_back(flight.key(), flight.attempt, succeeded, std::move(result.response));
  concluded_.push_back(engine::conclude(std::move(flight), verdict, status, schedule, still_owed, now, unit));
  if (!since_) since_ = now;
  order_waits_ |= endpoint.settings.ordered;
}

// It never began. When this machine lacks something, its endpoint waits a little before the next one does.
void Outcomes::take_back(const SendResult& result, Instant now) {
  const auto& flight = dispatcher_.flight(result.ticket);
  if (result.outcome == SendOutcome::not_begun) {
    dispatcher_.hold_off(flight.endpoint, now);
    observer_.attempt_not_begun(*registry_.find(flight.endpoint)->endpoint, result.response.detail, now);
  }
  dispatcher_.take_back(result.ticket, still_owes(flight), now, unattempted_);
}

bool Outcomes::still_owes(const Flight& flight) const {
  const bool by_hand = flight.row && flight.row->manual && !flight.cut_off;
  return by_hand || registry_.owes(flight.endpoint, flight.event->type, flight.event->version);
}

// --- when they are written ------------------------------------------------------------------------------

bool Outcomes::due(const TurnPlan& plan, bool stopping, Instant now) const {
  if (concluded_.empty()) return false;
  // Commands that change deliveries or endpoints find them as they are now, and marks speak of what is on
  // disk.
  if (plan.asks || plan.checkpoint || stopping || order_waits_ || divided_) return true;
  // The failure before the success that began it is part of what is brought forward.
  if (plan.catches_up) return true;
  const auto age = now - *since_;
  return concluded_.size() >= settings_.limits.outcome_batch || age >= kOutcomeLimit ||
         (age >= kOutcomeDelay && !plan.publishes);
}

bool Outcomes::order_waits() const {
  return order_waits_ || dispatcher_.order_waits(unattempted_);
}

std::optional<Instant> Outcomes::next_due() const {
  return since_ ? std::optional(*since_ + kOutcomeDelay) : std::nullopt;
}

// --- what they change -----------------------------------------------------------------------------------

void Outcomes::decide(std::size_t first, std::size_t last, Intake& intake, Instant now) const {
  auto& rows = intake.draft().rows;
  for (auto i = first; i < last; ++i) {
    if (concluded_[i].row) rows.push_back(*concluded_[i].row);
  }
  for (auto i = first; i < last; ++i) review_endpoint(i, intake, now);
}

// What an outcome means for its endpoint: told to go away, failing for long (D9), or well again.
void Outcomes::review_endpoint(std::size_t place, Intake& intake, Instant now) const {
  const auto& done = concluded_[place];
  const auto number = done.key.endpoint;
  if (done.verdict.disable_endpoint) {
    constexpr int kGone = 410;  // of HTTP
    const auto* why = attempts_[place].response.status == kGone
                          ? "the receiver answered 410 Gone"
                          : "the receiver answered with the header webhook-delivery: disable";
    return intake.disable(number, why);
  }
  if (const auto until = dispatcher_.held_until(number); done.verdict.hold && until) {
    intake.draft().holds.push_back({number, *until});
  }
  review_failing(number, intake, now);
}

void Outcomes::review_failing(EndpointNumber number, Intake& intake, Instant now) const {
  const auto since = dispatcher_.failing_since(number);
  const bool noted = registry_.find(number)->endpoint->failing_since.has_value();
  if (!since && !noted) return;
  if (dispatcher_.failing_days(number).is_hopeless()) {
    return intake.disable(number, "every attempt failed for five days");
  }
  const bool lasting = since && now - *since >= kNoteFailingAfter;
  if (lasting != noted) intake.note_failing(number, lasting ? since : std::nullopt);
  if (!lasting) return;
  const auto note = dispatcher_.failing_days_to_note(number, clock_.monotonic(), !noted);
  if (note) intake.draft().failing.push_back({number, *note});
}

// --- once they are on disk ------------------------------------------------------------------------------

void Outcomes::settle_unattempted(std::size_t count) {
  for (const auto& row : std::span(unattempted_).first(count)) {
    const auto* state = row.cause == Cause::damaged ? registry_.find(row.key.endpoint) : nullptr;
    if (state) observer_.delivery_unreadable(row.key, *state->endpoint);
    dispatcher_.recorded(row);
  }
  unattempted_.erase(unattempted_.begin(), unattempted_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Outcomes::settle(bool all) {
  settle_unattempted(unattempted_.size());
  if (!all) return;
  for (const auto& done : concluded_) dispatcher_.settled(done);
  all_settled();
}

void Outcomes::all_settled() {
  since_.reset();
  order_waits_ = divided_ = false;
  settled_ = true;
}

void Outcomes::settle_first(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) dispatcher_.settled(concluded_[i]);
  if (count == concluded_.size()) return all_settled();
  settled_ = divided_ = true;
  const auto from = static_cast<std::ptrdiff_t>(count);
  std::vector<Concluded> concluded(std::make_move_iterator(concluded_.begin() + from),
                                   std::make_move_iterator(concluded_.end()));
  std::vector<AttemptRow> attempts(std::make_move_iterator(attempts_.begin() + from),
                                   std::make_move_iterator(attempts_.end()));
  concluded_.erase(concluded_.begin() + from, concluded_.end());
  tell();
  concluded_ = std::move(concluded);
  attempts_ = std::move(attempts);
}

void Outcomes::set_aside(std::size_t place) {
  concluded_[place].set_aside = true;
}

void Outcomes::tell() {
  if (!std::exchange(settled_, false)) return;
  for (std::size_t i = 0; i < concluded_.size(); ++i) {
    const auto& done = concluded_[i];
    if (done.set_aside) continue;  // told by name already, and it counts for nothing
    const auto* endpoint = registry_.find(done.key.endpoint)->endpoint.get();
    observer_.attempt_finished({done.key, done.event.get(), endpoint, attempts_[i].number,
                                &attempts_[i].response, done.verdict.cause,
                                done.row ? done.row->status : DeliveryStatus::succeeded,
                                done.row ? done.row->due : std::nullopt});
  }
  concluded_.clear();
  attempts_.clear();
}

void tell_breaker(const Dispatcher& dispatcher, const Endpoint& endpoint, BreakerState was,
                  Observer& observer) {
  const bool was_open = was != BreakerState::closed;
  const bool is_open = dispatcher.breaker(endpoint.number) != BreakerState::closed;
  if (is_open != was_open) observer.breaker_changed(endpoint, is_open);
}

void tell_hold(Dispatcher& dispatcher, const Endpoint& endpoint, Observer& observer, Instant now) {
  const auto news = dispatcher.hold_news(endpoint.number, now);
  if (news == Gate::HoldNews::none || !endpoint.disabled_reason.empty() || endpoint.removed_at) return;
  const bool begun = news == Gate::HoldNews::begun;
  observer.hold_changed(endpoint, begun ? dispatcher.held_until(endpoint.number) : std::nullopt);
}

}  // namespace exposee::engine
