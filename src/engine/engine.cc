#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "core/assert.h"

namespace exposee::engine {

Engine::Engine(EngineSettings settings, Store& store, Sender& sender, Clock& clock, Random& random,
               Observer& observer)
    : settings_(std::move(settings)),
      store_(store),
      sender_(sender),
      clock_(clock),
      time_(clock),
      random_(random),
      observer_(observer),
      dispatcher_(settings_, registry_, store),
      intake_(settings_, registry_, store, random, dispatcher_) {}

void Engine::run() {
  while (!stopped()) {
    turn();
    if (const auto span = idle(); span > Duration::zero()) inbox_.wait_for(span);
  }
}

void Engine::hold_attempts() {
  stopping_ = true;
  inbox_.wake();
}

void Engine::request_stop(Duration limit) {
  stop_limit_us_ = limit.count();
  stopping_ = true;
  ending_ = true;
  inbox_.wake();
}

bool Engine::stopped() const {
  if (!stop_by_) return false;
  const bool settled = dispatcher_.flights() == 0 && outcomes_.empty() && !dirty_;
  return settled || last_time_ >= *stop_by_;
}

void Engine::turn() {
  const auto began = clock_.monotonic();
  const auto now = last_time_ = time_.now();
  if (ending_ && !stop_by_) {
    stop_by_ = now + Duration{stop_limit_us_};
    store_retry_at_ = now;  // a store that fails gets its last chance
  }
  inbox_.take(batch_);
  conclude_results(now);
  dispatcher_.pressure().advance(now);
  admission_.sort(batch_.commands, registry_, dispatcher_.pressure(), now, stopping_ || store_failed_);
  with_outcomes_ = outcomes_due(now);
  if (store_failed_ && now < store_retry_at_) {
    refuse_commands();
  } else if (must_write(now)) {
    write_turn(now);
  } else {
    draft_.replies.resize(batch_.commands.size());
    reply();
  }
  dispatch(now);
  tell_outcomes();
  batch_.clear();
  draft_.clear();
  tell_turn(began, now);
}

Duration Engine::idle() {
  constexpr Duration kLongest{1'000'000};
  const auto now = time_.now();
  if (store_failed_) return std::max(Duration::zero(), store_retry_at_ - now);
  if (dispatcher_.has_ready() && !stopping_) return Duration::zero();
  auto idle = kLongest;
  if (outcomes_since_) idle = std::min(idle, *outcomes_since_ + kOutcomeDelay - now);
  if (!unowed_.empty() || !cancelling_.empty() || census_.is_counting()) return Duration::zero();
  if (!stopping_ && dispatcher_.may_catch_up(now)) return Duration::zero();
  if (dirty_) idle = std::min(idle, checkpoint_at_ - now);
  if (!stopping_) idle = std::min(idle, expire_at_ - now);
  if (const auto wake = dispatcher_.next_wake(); wake && !stopping_) idle = std::min(idle, *wake - now);
  if (const auto release = admission_.next_release(dispatcher_.pressure()))
    idle = std::min(idle, *release - now);
  if (const auto silence = dispatcher_.pressure().next_silence(); silence && !admission_.empty())
    idle = std::min(idle, *silence - now);
  if (stop_by_) idle = std::min(idle, Duration{10'000});
  return std::max(Duration::zero(), idle);
}

void Engine::conclude_results(Instant now) {
  const auto wall = clock_.now();  // what a Retry-After that is a date is read against
  for (auto& answers : batch_.answers) {
    for (auto& result : answers) conclude_one(std::move(result), wall, now);
  }
}

void Engine::conclude_one(SendResult&& result, Instant wall, Instant now) {
  if (result.outcome != SendOutcome::answered) return take_back(result, now);
  const auto number = dispatcher_.flight(result.ticket).endpoint;
  const auto& endpoint = *registry_.find(number)->endpoint;
  const auto verdict = judge(result.response, wall, endpoint.settings.max_retry_after);
  const bool succeeded = verdict.kind == VerdictKind::success;
  const double unit = succeeded ? 0.0 : random_.random01();
  const auto was = dispatcher_.breaker(number);
  auto flight = dispatcher_.land(result.ticket, verdict, result.response.timing.total, now, unit);
  note_breaker(number, was);
  const auto& schedule = endpoint.settings.schedule ? *endpoint.settings.schedule : settings_.schedule;
  const bool still_owed = !succeeded && still_owes(flight);
  const auto status = result.response.status;
  attempts_.emplace_back(flight.key(), flight.attempt, succeeded, std::move(result.response));
  outcomes_.push_back(conclude(std::move(flight), verdict, status, schedule, still_owed, now, unit));
  if (!outcomes_since_) outcomes_since_ = now;
  order_waits_ |= endpoint.settings.ordered;
}

// It never began. When this machine lacks something, its endpoint waits a little before the next one does.
void Engine::take_back(const SendResult& result, Instant now) {
  const auto& flight = dispatcher_.flight(result.ticket);
  if (result.outcome == SendOutcome::not_begun) {
    dispatcher_.hold_off(flight.endpoint, now);
    observer_.attempt_not_begun(*registry_.find(flight.endpoint)->endpoint, result.response.detail, now);
  }
  dispatcher_.take_back(result.ticket, still_owes(flight), now, unowed_);
}

bool Engine::still_owes(const Flight& flight) const {
  const bool by_hand = flight.row && flight.row->manual && !flight.cut_off;
  return by_hand || registry_.find(flight.endpoint)->owes(flight.event->type, flight.event->version);
}

// Whether a command of this turn writes: one that publishes, or any other.
bool Engine::asks(bool publishes) const {
  return std::ranges::any_of(batch_.commands, [&](const Command& c) {
    if (std::holds_alternative<Inspect>(c)) return false;
    return publishes == (std::holds_alternative<PublishEvent>(c) || std::holds_alternative<PublishBatch>(c));
  });
}

bool Engine::outcomes_due(Instant now) const {
  if (outcomes_.empty()) return false;
  // Commands that change deliveries or endpoints find them as they are now, and marks speak of what is on
  // disk.
  if (asks(false) || checkpoint_due(now) || stopping_ || order_waits_) return true;
  // What is brought forward is read from disk, and the failure before the success that began it is part of
  // it.
  if (dispatcher_.may_catch_up(now)) return true;
  const auto age = now - *outcomes_since_;
  return outcomes_.size() >= kOutcomeBatch || age >= kOutcomeLimit || (age >= kOutcomeDelay && !asks(true));
}

bool Engine::must_write(Instant now) const {
  return asks(true) || asks(false) || with_outcomes_ || !unowed_.empty() || !cancelling_.empty() ||
         (!stopping_ && (expire_at_ <= now || dispatcher_.may_catch_up(now))) || checkpoint_due(now);
}

// A reply is a promise, and so is the order of an endpoint. All else is repeated when it is lost.
Durability Engine::durability(Instant now) const {
  const bool promised = asks(true) || asks(false) || order_waits_ || checkpoint_due(now);
  return promised ? Durability::at_commit : Durability::with_next;
}

// Also the last words of a stop.
bool Engine::checkpoint_due(Instant now) const {
  return store_failed_ || (dirty_ && (checkpoint_at_ <= now || (stop_by_ && dispatcher_.flights() == 0)));
}

namespace {

// A commit that failed may be on disk all the same, and a start would find it there.
constexpr std::string_view kPerhapsStored =
    "It is not known whether this was stored: repeat it with the same Idempotency-Key, and it counts once";

}  // namespace

void Engine::write_turn(Instant now) {
  const auto began = clock_.monotonic();
  if (auto written = write(now); !written) {
    store_.rollback();
    return void_turn(written.error(), now);
  }
  if (auto committed = store_.commit(); !committed) {
    store_.rollback();
    return void_turn(committed.error(), now, kPerhapsStored);
  }
  settle(now, clock_.monotonic() - began);
}

Result<void> Engine::write(Instant now) {
  EXPOSEE_TRY(store_.begin(durability(now)));
  EXPOSEE_TRY(write_outcomes(now));  // first, so that commands see deliveries as they are now
  EXPOSEE_TRY(intake_.run(batch_.commands, last_event_, now, draft_));
  if (!draft_.event_rows.empty()) EXPOSEE_TRY(store_.add_events(draft_.event_rows));
  EXPOSEE_TRY(catch_up_some(now));
  EXPOSEE_TRY(cancel_some(now));
  EXPOSEE_TRY(expire_some(now));
  return write_checkpoint(now);
}

Result<void> Engine::write_outcomes(Instant now) {
  const std::span done(outcomes_.data(), with_outcomes_ ? outcomes_.size() : 0);
  delivery_rows_.assign(unowed_.begin(), unowed_.end());
  for (const auto& each : done) {
    if (each.row) delivery_rows_.push_back(*each.row);
  }
  if (!done.empty()) EXPOSEE_TRY(store_.add_attempts(attempts_));
  if (!delivery_rows_.empty()) EXPOSEE_TRY(store_.put_deliveries(delivery_rows_));
  for (std::size_t i = 0; i < done.size(); ++i) {
    EXPOSEE_TRY(review_endpoint(done[i], attempts_[i].response.status, now));
  }
  return {};
}

// What an outcome means for its endpoint: told to go away, failing for long (D9), or well again.
Result<void> Engine::review_endpoint(const Concluded& done, int status, Instant now) {
  const auto number = done.key.endpoint;
  if (done.verdict.disable_endpoint) {
    constexpr int kGone = 410;  // of HTTP
    const auto* why = status == kGone ? "the receiver answered 410 Gone"
                                      : "the receiver answered with the header webhook-delivery: disable";
    return intake_.disable(number, why, now);
  }
  if (const auto until = dispatcher_.held_until(number); done.verdict.hold && until) {
    EXPOSEE_TRY(store_.put_hold({number, *until, dispatcher_.held_in_all(number)}));
  }
  const auto since = dispatcher_.failing_since(number);
  const bool noted = registry_.find(number)->endpoint->failing_since.has_value();
  if (!since && !noted) return {};
  if (since && now - *since - dispatcher_.held_in_all(number) >= kDisableAfter) {
    return intake_.disable(number, "every attempt failed for five days", now);
  }
  const bool lasting = since && now - *since >= kNoteFailingAfter;
  return lasting == noted ? Result<void>{}
                          : intake_.note_failing(number, lasting ? since : std::nullopt, now);
}

Result<void> Engine::catch_up_some(Instant now) {
  forwarded_.clear();
  if (stopping_ || !dispatcher_.may_catch_up(now)) return {};
  auto steps = dispatcher_.next_steps(now);
  if (!steps) return std::move(steps).error();
  forwarded_ = *std::move(steps);
  for (const auto& step : forwarded_) {
    if (!step.rows.empty()) EXPOSEE_TRY(store_.put_deliveries(step.rows));
  }
  return {};
}

Result<void> Engine::cancel_some(Instant now) {
  cancelled_all_ = false;
  if (cancelling_.empty()) return {};
  // Enabled by this very turn: that has cancelled them all, and what is pending by now is new.
  const auto* state = registry_.find(cancelling_.front());  // none: only its deliveries are left
  if (state && state->endpoint->is_active()) return {};
  auto turned = store_.cancel_pending(cancelling_.front(), kCancelStep, now);
  if (!turned) return std::move(turned).error();
  cancelled_all_ = *turned < kCancelStep;
  return {};
}

Result<void> Engine::expire_some(Instant now) {
  expired_some_ = false;
  if (now < expire_at_ || stopping_) return {};
  auto gone = store_.expire(now - settings_.retention, now - kReplyRetention, kExpireStep);
  if (!gone) return std::move(gone).error();
  expired_some_ = gone->more || gone->events + gone->attempts + gone->deliveries + gone->replies > 0;
  return {};
}

// Marks speak of what was on disk before this turn: its own events are not in their lanes yet.
Result<void> Engine::write_checkpoint(Instant now) {
  if (!checkpoint_due(now)) return {};
  checkpoint_ = dispatcher_.checkpoint(last_event_, now);
  if (!checkpoint_->removed.empty()) EXPOSEE_TRY(store_.remove_packs(checkpoint_->removed));
  if (!checkpoint_->packs.empty()) EXPOSEE_TRY(store_.put_packs(checkpoint_->packs));
  return store_.put_checkpoint(last_event_, checkpoint_->marks);
}

void Engine::settle(Instant now, Duration commit) {
  const bool checkpointed = checkpoint_due(now);
  if (store_failed_.exchange(false)) observer_.store_recovered();
  if (cancelled_all_) cancelling_.pop_front();
  cancelled_all_ = false;
  const auto recorded = with_outcomes_ ? outcomes_.size() : 0;
  const bool wrote = !draft_.events.empty() || recorded > 0 || !unowed_.empty() || !forwarded_.empty();
  if (now >= expire_at_) expire_at_ = now + (expired_some_ ? kExpireSoon : kExpireLater);
  if (checkpointed || checkpoint_at_ <= now) checkpoint_at_ = now + kCheckpointInterval;
  const bool lags = checkpoint_ && checkpoint_->more && !stop_by_;
  dirty_ = wrote || registry_.changed() || lags || (dirty_ && !checkpointed);
  if (checkpoint_) dispatcher_.checkpointed(*checkpoint_);
  checkpoint_.reset();
  totals_.commits += 1;
  totals_.events += draft_.events.size();
  totals_.attempts += recorded;
  totals_.commands += batch_.commands.size();
  const auto note = turn_note(recorded, commit);
  if (!draft_.events.empty()) last_event_ = draft_.events.back().event->seq;
  settle_outcomes();
  if (registry_.changed()) {
    const auto changes = registry_.changed_endpoints();
    drop_unowed_drafts(changes);
    settle_registry(changes);
  }
  for (const auto& [event, owed_to] : draft_.events) dispatcher_.route(event, *owed_to, now);
  for (const auto& [row, newly_owed] : draft_.retried) dispatcher_.retried(row, newly_owed);
  settle_endpoints(now);
  totals_.most_pending = std::max(totals_.most_pending, dispatcher_.owed());
  reply();
  for (const auto& change : draft_.changes) observer_.registry_changed(change);
  observer_.turn_committed(note);
}

void Engine::settle_endpoints(Instant now) {
  for (const auto& step : forwarded_) dispatcher_.brought_forward(step);
  forwarded_.clear();
  for (const auto number : draft_.resumed) dispatcher_.resumed(number, now);
  for (const auto number : draft_.returned) {
    const auto was = dispatcher_.breaker(number);
    dispatcher_.returned(number, now);
    note_breaker(number, was);
  }
}

void Engine::settle_outcomes() {
  unowed_.clear();
  if (!with_outcomes_) return;
  for (const auto& done : outcomes_) dispatcher_.settled(done);
  outcomes_since_.reset();
  order_waits_ = false;
  outcomes_settled_ = true;
}

// What a turn accepted, a later command of it may have taken back.
void Engine::drop_unowed_drafts(const std::vector<Registry::Change>& changes) {
  for (auto& [event, owed_to] : draft_.events) {
    auto left = *owed_to;
    for (const auto& change : changes) {
      if (!registry_.find(change.number)->owes(event->type, event->version)) std::erase(left, change.number);
    }
    if (left.size() < owed_to->size()) owed_to = std::make_shared<const decltype(left)>(std::move(left));
  }
}

void Engine::settle_registry(const std::vector<Registry::Change>& changes) {
  for (const auto& [number, interrupted] : changes) {
    const auto& state = *registry_.find(number);
    dispatcher_.sync(state, interrupted, last_time_);
    const bool disabled = !state.endpoint->disabled_reason.empty();
    std::erase(cancelling_, number);  // enabled again: its rows were cancelled with that change
    if (disabled || state.endpoint->removed_at) cancelling_.push_back(number);
    if (disabled && state.endpoint->disabled_at == state.endpoint->updated_at) {
      observer_.endpoint_disabled(*state.endpoint);
    }
  }
  registry_.settle();
  snapshot_.store(registry_.snapshot());
}

// Nothing of this turn happened: outcomes stay to be written with the next one, commands are refused.
void Engine::void_turn(const Error& error, Instant now, std::string_view why) {
  registry_.rollback();
  draft_.clear();
  checkpoint_.reset();
  if (!store_failed_) dispatcher_.recall_all();  // no attempt starts whose outcome could not be recorded
  store_failed(error, now);
  refuse_commands(why);
}

void Engine::store_failed(const Error& error, Instant now) {
  failure_ = error.code;
  store_retry_at_ = now + kStoreRetry;
  if (!store_failed_.exchange(true)) observer_.store_failed(error);
  if (stop_by_) stop_by_ = now;  // nothing that a stop waits for could be written
}

namespace {

Reply refusal_of(Inspect&, const Refused&) {
  return {};
}
Reply refusal_of(ReceiversResponded&, const Refused&) {
  return {};
}
Reply refusal_of(PublishBatch& batch, const Refused& refused) {
  return batch.refuse(refused);
}
template <class C>
Reply refusal_of(C& command, const Refused& refused) {
  return command.reply.render(std::unexpected(refused));
}

void tell(Inspect& inspect, Reply&&, const EngineView& view) {
  inspect.look(view);
}
void tell(ReceiversResponded&, Reply&&, const EngineView&) {}
void tell(PublishBatch& batch, Reply&& reply, const EngineView&) {
  batch.deliver(std::move(reply));
}
template <class C>
void tell(C& command, Reply&& reply, const EngineView&) {
  command.reply.deliver(std::move(reply));
}

}  // namespace

void Engine::refuse_commands(std::string_view why) {
  const Refused refused{failure_ == ErrorCode::full ? Refusal::store_full : Refusal::store_away, std::string(why)};
  for (auto& command : batch_.commands) {
    draft_.replies.push_back(std::visit([&](auto& c) { return refusal_of(c, refused); }, command));
  }
  reply();
}

void Engine::reply() {
  for (std::size_t i = 0; i < batch_.commands.size(); ++i) {
    std::visit([&](auto& c) { tell(c, std::move(draft_.replies[i]), dispatcher_); }, batch_.commands[i]);
  }
}

void Engine::dispatch(Instant now) {
  if (stopping_ && !std::exchange(recalled_, true)) dispatcher_.recall_all();
  if (stopping_ || store_failed_) return;
  auto& [ready, unread] = handed_;
  auto done = dispatcher_.dispatch(now, time_.now(), handed_);
  dispatcher_.end_unreadable_events(now, unowed_);
  if (!ready.empty()) sender_.send(std::move(ready), inbox_);
  ready.clear();
  // Reading holds up nobody else's attempt.
  if (done && !unread.empty()) done = dispatcher_.fetch_events(now, unread, unowed_);
  if (!unread.empty()) sender_.send(std::move(unread), inbox_);
  unread.clear();
  if (!done) store_failed(done.error(), now);
}

}  // namespace exposee::engine
