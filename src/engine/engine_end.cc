// How a turn ends. Committed: its effects go out. Refused or failed: nothing of it happened. Unknown: nothing is
// acknowledged, repeated or begun before the store has said which of the two it was.
#include <algorithm>
#include <utility>

#include "engine/engine.h"

namespace exposee::engine {
namespace {

constexpr std::string_view kPerhapsStored =
    "It is not known whether this was stored: repeat it with the same Idempotency-Key, and it counts once";

}  // namespace

void Engine::end_turn(const Written& written, Instant now, Duration took) {
  switch (written.end) {
    case WriteEnd::committed:
      return settle(now, took);
    case WriteEnd::unknown:
      return look_for_turn(written.error, now, took);
    case WriteEnd::refused:
      return refuse_turn(written.conflict);
    case WriteEnd::failed:
      if (divide_turn(written, now, took)) return;
      return void_turn(written.error, now, written.perhaps ? kPerhapsStored : std::string_view{});
  }
}

// Again and again, and the store works: its commands are told so, its outcomes are written with the next one.
void Engine::refuse_turn(Conflict conflict) {
  registry_.rollback();
  checkpoint_.reset();
  forwarded_.clear();
  failure_ = ErrorCode::unavailable;
  refuse_commands(batch_.commands, "Others were faster each time: " + std::string(to_text(conflict)));
}

// Nothing is acknowledged, repeated or taken in before it is known how the turn ended.
void Engine::look_for_turn(const Error& error, Instant now, Duration took) {
  unknown_ = true;
  unknown_took_ = took;
  if (!store_failed_) dispatcher_.recall_all();
  store_failed(error, now);
  store_retry_at_ = now;
  if (find_out(now)) return;
}

// Whether it is known by now.
bool Engine::find_out(Instant now) {
  if (now < store_retry_at_) return false;
  const auto settled = store_.settled(marker_);
  if (!settled) {
    store_failed(settled.error(), now);
    return false;
  }
  unknown_ = false;
  if (*settled) {
    settle(now, unknown_took_);
  } else {
    void_turn({failure_, "A turn was not written.", {}}, now);
  }
  return true;
}

void Engine::refuse_meanwhile() {
  Inbox::Batch more;
  inbox_.take(more);
  refuse_commands(more.commands);
  for (auto& results : more.answers) meanwhile_.answers.push_back(std::move(results));
}

// The reply to such a command comes in a later turn.
void Engine::defer_commands() {
  for (const auto& [place, endpoint] : intake_.draft().deferred) {
    deferrals_.put(endpoint, std::exchange(batch_.commands[place], ReceiversResponded{}));
  }
}

void Engine::settle(Instant now, Duration commit) {
  auto& draft = intake_.draft();
  if (store_failed_.exchange(false)) observer_.store_recovered();
  const auto recorded = plan_.outcomes ? outcomes_.size() : 0;
  const bool wrote = !draft.events.empty() || recorded > 0 || !unowed_.empty() || !forwarded_.empty();
  if (plan_.checkpoint || checkpoint_at_ <= now) checkpoint_at_ = now + kCheckpointInterval;
  const bool lags = checkpoint_ && checkpoint_->more && !stop_by_;
  dirty_ = wrote || registry_.changed() || lags || (dirty_ && !plan_.checkpoint);
  settle_checkpoint(now);
  totals_.commits += 1;
  totals_.events += draft.events.size();
  totals_.attempts += recorded;
  totals_.commands += batch_.commands.size();
  const auto note = turn_note(recorded, commit);
  if (!draft.events.empty()) last_event_ = draft.events.back().event->seq;
  settle_outcomes();
  if (registry_.changed()) {
    const auto changes = registry_.changed_endpoints();
    drop_unowed_drafts(changes);
    settle_registry(changes);
  }
  for (const auto& [event, owed_to] : draft.events) dispatcher_.route(event, *owed_to, now);
  for (const auto& row : draft.failing) dispatcher_.failing_days_noted(row);
  for (const auto& [row, newly_owed] : draft.retried) dispatcher_.retried(row, newly_owed);
  settle_endpoints(now);
  totals_.most_pending = std::max(totals_.most_pending, dispatcher_.owed());
  defer_commands();
  reply();
  for (const auto& change : draft.changes) observer_.registry_changed(change);
  observer_.turn_committed(note);
}

void Engine::settle_checkpoint(Instant now) {
  if (!checkpoint_) return;
  dispatcher_.checkpointed(*checkpoint_);
  checkpoint_.reset();
  checkpoints_.succeeded(now, observer_);
}

void Engine::settle_endpoints(Instant now) {
  for (const auto& step : forwarded_) dispatcher_.brought_forward(step);
  forwarded_.clear();
  auto& draft = intake_.draft();
  for (const auto number : draft.resumed) dispatcher_.resumed(number, now);
  for (const auto number : draft.returned) {
    const auto was = dispatcher_.breaker(number);
    dispatcher_.returned(number, now);
    note_breaker(number, was);
  }
}

void Engine::settle_outcomes() {
  unowed_.clear();
  if (!plan_.outcomes) return;
  for (const auto& done : outcomes_) dispatcher_.settled(done);
  outcomes_since_.reset();
  order_waits_ = false;
  outcomes_settled_ = true;
}

// What a turn accepted, a later command of it may have taken back.
void Engine::drop_unowed_drafts(const std::vector<Registry::Change>& changes) {
  for (auto& [event, owed_to] : intake_.draft().events) {
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
    state.endpoint->is_active() ? housekeeping_.keep(number) : housekeeping_.cancel(number);
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
  checkpoint_.reset();
  forwarded_.clear();
  if (!store_failed_) dispatcher_.recall_all();  // no attempt starts whose outcome could not be recorded
  store_failed(error, now);
  refuse_commands(batch_.commands, why);
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

void Engine::refuse_commands(std::vector<Command>& commands, std::string_view why) {
  const Refused refused{failure_ == ErrorCode::full ? Refusal::store_full : Refusal::store_away,
                        std::string(why)};
  for (auto& command : commands) {
    std::visit([&](auto& c) { tell(c, refusal_of(c, refused), dispatcher_); }, command);
  }
}

void Engine::reply() {
  auto& replies = intake_.draft().replies;
  for (std::size_t i = 0; i < batch_.commands.size(); ++i) {
    std::visit([&](auto& c) { tell(c, std::move(replies[i]), dispatcher_); }, batch_.commands[i]);
  }
}

}  // namespace exposee::engine
