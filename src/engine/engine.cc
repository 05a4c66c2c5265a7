#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "core/assert.h"

namespace exposee::engine {

Engine::Engine(EngineSettings settings, Store& store, Sender& sender, Clock& clock, Random& random,
               Observer& observer, const DiskSpace* disk)
    : settings_(std::move(settings)),
      store_(store),
      sender_(sender),
      clock_(clock),
      time_(clock),
      random_(random),
      observer_(observer),
      disk_(disk),
      dispatcher_(settings_, registry_, store, observer),
      housekeeping_(settings_, store, observer),
      deferrals_(housekeeping_),
      intake_(settings_, registry_, random, dispatcher_, housekeeping_, deferrals_) {}

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
  const bool settled = dispatcher_.flights() == 0 && outcomes_.empty() && !dirty_ && deferrals_.empty();
  return settled || last_time_ >= *stop_by_;
}

void Engine::turn() {
  const auto began = clock_.monotonic();
  const auto now = last_time_ = time_.now();
  if (ending_ && !stop_by_) {
    stop_by_ = now + Duration{stop_limit_us_};
    store_retry_at_ = now;  // a store that fails gets its last chance
  }
  if (unknown_) {
    if (!find_out(now)) return refuse_meanwhile();
    tell_outcomes();
    clear_turn();
  }
  take_in(now);
  plan_ = make_plan(now);
  look_at_disk(now);
  if (store_failed_ && now < store_retry_at_) {
    refuse_commands(batch_.commands);
  } else if (plan_.writes) {
    write_turn(now);
  } else {
    intake_.draft().replies.resize(batch_.commands.size());
    reply();
  }
  if (unknown_) return;
  dispatch(now);
  tell_outcomes();
  clear_turn();
  housekeeping_.step(now, !stopping_);
  tell_turn(began, now);
}

void Engine::take_in(Instant now) {
  inbox_.take(batch_);
  conclude_results(meanwhile_.answers, now);
  meanwhile_.clear();
  conclude_results(batch_.answers, now);
  dispatcher_.pressure().advance(now);
  admission_.sort(batch_.commands, registry_, dispatcher_.pressure(), now, stopping_ || store_failed_);
  deferrals_.bring(batch_.commands);
}

void Engine::clear_turn() {
  batch_.clear();
  findings_.clear();
  intake_.draft().clear();
}

Duration Engine::idle() {
  constexpr Duration kLongest{1'000'000};
  const auto now = time_.now();
  if (store_failed_) return std::max(Duration::zero(), store_retry_at_ - now);
  if (dispatcher_.has_ready() && !stopping_) return Duration::zero();
  auto idle = kLongest;
  if (outcomes_since_) idle = std::min(idle, *outcomes_since_ + kOutcomeDelay - now);
  if (!unowed_.empty() || census_.is_counting()) return Duration::zero();
  if (deferrals_.any_ready()) return Duration::zero();
  if (!stopping_ && dispatcher_.may_catch_up(now)) return Duration::zero();
  if (dirty_) idle = std::min(idle, checkpoint_at_ - now);
  idle = std::min(idle, housekeeping_.due(!stopping_) - now);
  if (const auto wake = dispatcher_.next_wake(); wake && !stopping_) idle = std::min(idle, *wake - now);
  if (const auto release = admission_.next_release(dispatcher_.pressure()))
    idle = std::min(idle, *release - now);
  if (const auto silence = dispatcher_.pressure().next_silence(); silence && !admission_.empty())
    idle = std::min(idle, *silence - now);
  if (stop_by_) idle = std::min(idle, Duration{10'000});
  return std::max(Duration::zero(), idle);
}

void Engine::conclude_results(std::vector<std::vector<SendResult>>& answers, Instant now) {
  const auto wall = clock_.now();  // what a Retry-After that is a date is read against
  for (auto& results : answers) {
    for (auto& result : results) conclude_one(std::move(result), wall, now);
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
  if (!succeeded) dispatcher_.count_failing_day(number, clock_.monotonic());
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

Engine::TurnPlan Engine::make_plan(Instant now) const {
  TurnPlan plan;
  for (const auto& command : batch_.commands) {
    if (std::holds_alternative<Inspect>(command)) continue;
    const bool publishes =
        std::holds_alternative<PublishEvent>(command) || std::holds_alternative<PublishBatch>(command);
    (publishes ? plan.publishes : plan.asks) = true;
  }
  plan.checkpoint = checkpoint_due(now);
  plan.catches_up = !stopping_ && dispatcher_.may_catch_up(now);
  plan.outcomes = outcomes_due(plan, now);
  plan.writes = plan.publishes || plan.asks || plan.outcomes || plan.catches_up || plan.checkpoint ||
                !unowed_.empty();
  // A reply is a promise, and so is the order of an endpoint. All else is repeated when it is lost.
  const bool promised = plan.publishes || plan.asks || order_waits_ || plan.checkpoint;
  plan.durability = promised ? Durability::at_commit : Durability::with_next;
  return plan;
}

bool Engine::outcomes_due(const TurnPlan& plan, Instant now) const {
  if (outcomes_.empty()) return false;
  // Commands that change deliveries or endpoints find them as they are now, and marks speak of what is on
  // disk.
  if (plan.asks || plan.checkpoint || stopping_ || order_waits_) return true;
  // The failure before the success that began it is part of what is brought forward.
  if (plan.catches_up) return true;
  const auto age = now - *outcomes_since_;
  return outcomes_.size() >= kOutcomeBatch || age >= kOutcomeLimit ||
         (age >= kOutcomeDelay && !plan.publishes);
}

// Also the last words of a stop.
bool Engine::checkpoint_due(Instant now) const {
  return store_failed_ || (dirty_ && (checkpoint_at_ <= now || (stop_by_ && dispatcher_.flights() == 0)));
}

void Engine::write_turn(Instant now) {
  const auto began = clock_.monotonic();
  auto written = decide_and_write(now);
  for (int n = 1; written.end == WriteEnd::refused && n < kDecisions; ++n) {
    registry_.rollback();
    findings_.clear();
    written = decide_and_write(now);
  }
  end_turn(written, now, clock_.monotonic() - began);
}

Written Engine::decide_and_write(Instant now) {
  if (auto decided = decide(now); !decided) return Written::failed(std::move(decided).error());
  return store_.write(turn_value(now));
}

Result<void> Engine::decide(Instant now) {
  intake_.begin(last_event_, now);
  forwarded_.clear();
  collect_outcomes(now);  // first, so that commands see deliveries as they are now
  findings_.ask(batch_.commands);
  if (!findings_.lookups().empty()) {
    auto found = store_.look(findings_.lookups());
    if (!found) return std::move(found).error();
    findings_.take(*std::move(found));
    const std::span<const AttemptRow> attempts(attempts_.data(), plan_.outcomes ? attempts_.size() : 0);
    findings_.lay_over(intake_.draft().rows, attempts);
  }
  intake_.run(batch_.commands, findings_);
  end_overflow(now);
  return catch_up_some(now);
}

Turn Engine::turn_value(Instant now) {
  const auto& draft = intake_.draft();
  Turn turn{.marker = {marker_.node, ++marker_.turn}, .durability = plan_.durability, .now = now};
  turn.events = draft.event_rows;
  if (plan_.outcomes) turn.attempts = attempts_;
  turn.deliveries = draft.rows;
  turn.holds = draft.holds;
  turn.failing = draft.failing;
  turn.claims = draft.claims;
  turn.users = draft.users;
  turn.messages = draft.messages;
  if (registry_.changed()) turn.registry = &registry_.changes();
  if (turn.registry || !turn.events.empty()) turn.fence.registry = registry_.settled_version();
  if (!plan_.checkpoint) return turn;
  // Marks speak of what was on disk before this turn: its own events are not in their lanes yet.
  checkpoint_ = dispatcher_.checkpoint(last_event_, now);
  turn.checkpoint = Checkpoint{last_event_, checkpoint_->marks};
  turn.removed_packs = checkpoint_->removed;
  turn.packs = checkpoint_->packs;
  return turn;
}

void Engine::collect_outcomes(Instant now) {
  auto& rows = intake_.draft().rows;
  rows.assign(unowed_.begin(), unowed_.end());
  if (!plan_.outcomes) return;
  for (const auto& each : outcomes_) {
    if (each.row) rows.push_back(*each.row);
  }
  for (std::size_t i = 0; i < outcomes_.size(); ++i) {
    review_endpoint(outcomes_[i], attempts_[i].response.status, now);
  }
}

// What an outcome means for its endpoint: told to go away, failing for long (D9), or well again.
void Engine::review_endpoint(const Concluded& done, int status, Instant now) {
  const auto number = done.key.endpoint;
  if (done.verdict.disable_endpoint) {
    constexpr int kGone = 410;  // of HTTP
    const auto* why = status == kGone ? "the receiver answered 410 Gone"
                                      : "the receiver answered with the header webhook-delivery: disable";
    return intake_.disable(number, why);
  }
  if (const auto until = dispatcher_.held_until(number); done.verdict.hold && until) {
    intake_.draft().holds.push_back({number, *until});
  }
  const auto since = dispatcher_.failing_since(number);
  const bool noted = registry_.find(number)->endpoint->failing_since.has_value();
  if (!since && !noted) return;
  if (dispatcher_.failing_days(number).is_hopeless()) {
    return intake_.disable(number, "every attempt failed for five days");
  }
  const bool lasting = since && now - *since >= kNoteFailingAfter;
  if (lasting != noted) intake_.note_failing(number, lasting ? since : std::nullopt);
  if (!lasting) return;
  const auto note = dispatcher_.failing_days_to_note(number, clock_.monotonic(), !noted);
  if (note) intake_.draft().failing.push_back({number, *note});
}

Result<void> Engine::catch_up_some(Instant now) {
  if (!plan_.catches_up) return {};
  auto& rows = intake_.draft().rows;
  auto steps = dispatcher_.next_steps(now, rows);
  if (!steps) return std::move(steps).error();
  forwarded_ = *std::move(steps);
  for (const auto& step : forwarded_) rows.insert(rows.end(), step.rows.begin(), step.rows.end());
  return {};
}

void Engine::dispatch(Instant now) {
  if (stopping_ && !std::exchange(recalled_, true)) dispatcher_.recall_all();
  if (stopping_ || store_failed_) return;
  auto& [ready, unread] = handed_;
  auto read = dispatcher_.dispatch(now, time_.now(), handed_);
  dispatcher_.end_unreadable_events(now, unowed_);
  if (!ready.empty()) sender_.send(std::move(ready), inbox_);
  ready.clear();
  // Reading holds up nobody else's attempt.
  if (!unread.empty()) {
    if (auto fetched = dispatcher_.fetch_events(now, unread, unowed_); !fetched) read = std::move(fetched);
  }
  if (!unread.empty()) sender_.send(std::move(unread), inbox_);
  unread.clear();
  if (!read) store_failed(read.error(), now);
}

}  // namespace exposee::engine
