#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "core/assert.h"
#include "engine/resume.h"
#include "engine/turn/owed_to.h"
#include "engine/turn/replies.h"

namespace exposee::engine {

Engine::Engine(EngineSettings settings, Store& store, Sender& sender, Clock& clock, Random& random,
               Observer& observer, const DiskSpace* disk, BacklogReader* backlog)
    : settings_(std::move(settings)),
      doors_{store, sender, clock, random, observer, disk},
      time_(clock),
      dispatcher_(settings_, registry_, store, observer),
      housekeeping_(settings_, store, clock, observer),
      published_(registry_, dispatcher_, housekeeping_, observer),
      health_(settings_, disk, observer),
      arrivals_(housekeeping_),
      intake_(settings_, registry_, random, dispatcher_, housekeeping_, arrivals_.deferrals(), health_),
      outcomes_(settings_, registry_, dispatcher_, clock, random, observer),
      checkpoints_(dispatcher_, clock, observer),
      writer_(store),
      figures_(dispatcher_, registry_, observer) {
  if (backlog) dispatcher_.read_through(*backlog, arrivals_.inbox());
}

Result<void> Engine::start() {
  const auto last = Resume(settings_.limits, doors_, time_, writer_, registry_, dispatcher_, housekeeping_)
                        .run(ShardSet::all());
  if (!last) return last.error();
  intake_.resume_after(*last);
  published_.publish();
  const auto now = time_.now();
  housekeeping_.begin(writer_.as(), now, now + kCheckpointInterval);
  checkpoints_.begin(now);
  return {};
}

// Those that are being left have only to stay.
Result<void> Engine::open_shards(ShardSet shards) {
  if (writer_.has_unknown())
    return Error{ErrorCode::unavailable, "It is not known yet how the last turn ended.", {}};
  const auto now = time_.now();
  const auto& here = dispatcher_.shards();
  dispatcher_.take_up(shards & here.leaving, now);
  const auto others = shards.without(here.held);
  if (others.empty()) return {};
  auto opened =
      Resume(settings_.limits, doors_, time_, writer_, registry_, dispatcher_, housekeeping_).open(others);
  if (!opened) {  // before any mark speaks of lanes that know only a part
    dispatcher_.leave(others, now);
    dispatcher_.let_go();
  }
  checkpoints_.note_written();
  return opened;
}

void Engine::close_shards(ShardSet shards) {
  dispatcher_.leave(shards, time_.now());
  checkpoints_.note_written();
}

// --- its thread -----------------------------------------------------------------------------------------

void Engine::run() {
  while (!stopped()) {
    turn();
    if (const auto span = idle(); span > Duration::zero()) arrivals_.inbox().wait_for(span);
  }
}

void Engine::hold_attempts() {
  shutdown_.hold_attempts();
  arrivals_.inbox().wake();
}

void Engine::request_stop(Duration limit) {
  shutdown_.request(limit);
  arrivals_.inbox().wake();
}

bool Engine::stopped() const {
  return shutdown_.is_over(dispatcher_.flights() == 0 && outcomes_.empty() && !checkpoints_.is_dirty() &&
                           !writer_.has_unknown() && arrivals_.deferrals().empty() && !arrivals_.has_left() &&
                           !arrivals_.has_lines());
}

Duration Engine::idle() {
  constexpr Duration kLongest{1'000'000};
  constexpr Duration kWhileEnding{10'000};
  const auto now = time_.now();
  const bool refuses = !writer_.has_unknown() && (arrivals_.has_left() || arrivals_.has_lines());
  if (!health_.works()) return refuses ? Duration::zero() : health_.until_try(now);
  if (is_busy(now)) return Duration::zero();
  const bool stopping = shutdown_.is_stopping();
  auto next = now + (shutdown_.is_ending() ? kWhileEnding : kLongest);
  const auto not_after = [&](std::optional<Instant> at) { next = std::min(next, at.value_or(next)); };
  not_after(outcomes_.next_due());
  if (checkpoints_.is_dirty()) not_after(checkpoints_.next());
  not_after(housekeeping_.due(!stopping));
  if (!stopping) not_after(dispatcher_.next_wake());
  not_after(arrivals_.next_release(dispatcher_.pressure()));
  return std::max(Duration::zero(), next - now);
}

// Something is left to be done at once.
bool Engine::is_busy(Instant now) {
  const bool stopping = shutdown_.is_stopping();
  if (!stopping && (dispatcher_.has_ready() || dispatcher_.may_catch_up(now))) return true;
  if (stopping && arrivals_.has_lines()) return true;  // what there was no room for
  const bool left = outcomes_.are_divided() || !outcomes_.unattempted().empty() || arrivals_.has_left();
  return left || figures_.is_counting() || arrivals_.deferrals().any_ready();
}

// --- a turn ---------------------------------------------------------------------------------------------

void Engine::turn() {
  take_turn(time_.now());
  if (stopped()) answer_rest();
}

void Engine::take_turn(Instant now) {
  const auto began = time_.monotonic();
  if (shutdown_.begin_turn(now)) health_.try_at(now);  // a store that fails gets its last chance
  if (writer_.has_unknown()) {
    if (!find_out(now)) {
      auto commands = arrivals_.take_meanwhile();
      return refuse(commands, health_.failure());
    }
    clear_turn();
  }
  take_in(now);
  carry_out(make_plan(now), now);
  if (writer_.has_unknown()) return;
  dispatch(now);
  clear_turn();
  tidy(now);
  figures_.turn_ended(time_.monotonic() - began, now);
}

// Whoever watches is told last.
void Engine::clear_turn() {
  outcomes_.tell();
  arrivals_.clear();
  intake_.clear();
}

// The last number that was given stays known: a start gives the next one.
void Engine::tidy(Instant now) {
  if (housekeeping_.is_stopped()) return;
  const auto may_forget = [&](EndpointNumber number) {
    return number.value < registry_.all().size() && dispatcher_.is_idle(number) &&
           !arrivals_.deferrals().hold(number);
  };
  if (!shutdown_.is_stopping() && outcomes_.unattempted().empty())
    housekeeping_.sift_some(now,
                            [&](NodeEpoch as, SiftPass& pass) { return dispatcher_.sift(as, pass, now); });
  const auto forgotten = housekeeping_.step(now, !shutdown_.is_stopping(), may_forget);
  published_.forget(forgotten, housekeeping_.is_forgetting());
  if (housekeeping_.is_stopped()) end_for_another(now);
}

void Engine::take_in(Instant now) {
  arrivals_.take();
  dispatcher_.take_in(arrivals_.reads(), now, outcomes_.unattempted());
  dispatcher_.take_unreadable_events(now,
                                     outcomes_.unattempted());  // in this turn, whose marks may pass them
  outcomes_.conclude(arrivals_.kept_results(), now);
  arrivals_.kept_results().clear();
  outcomes_.conclude(arrivals_.results(), now);
  dispatcher_.pressure().advance(now);
  const bool writes = health_.may_write(now);
  arrivals_.sort(registry_, dispatcher_.pressure(), now, shutdown_.is_stopping() || !health_.works(),
                 writes ? TurnRoom(settings_.limits) : TurnRoom::unlimited());
  health_.look_at_disk(now);
}

TurnPlan Engine::make_plan(Instant now) {
  TurnPlan plan;
  for (const auto& command : arrivals_.commands()) {
    const auto kind = kind_of(command);
    plan.publishes |= kind == CommandKind::publishes;
    plan.asks |= kind == CommandKind::asks;
  }
  const bool stopping = shutdown_.is_stopping();
  const bool last_words = shutdown_.is_ending() && dispatcher_.flights() == 0;
  plan.checkpoint = !health_.works() || checkpoints_.due(now, last_words);
  plan.catches_up = !stopping && dispatcher_.may_catch_up(now);
  plan.outcomes = outcomes_.due(plan, stopping, now);
  plan.writes = plan.publishes || plan.asks || plan.outcomes || plan.catches_up || plan.checkpoint ||
                !outcomes_.unattempted().empty();
  // A reply is a promise, and so is the order of an endpoint. All else is repeated when it is lost.
  const bool promised = plan.publishes || plan.asks || outcomes_.order_waits() || plan.checkpoint;
  plan.durability = promised ? Durability::at_commit : Durability::with_next;
  return plan;
}

void Engine::carry_out(const TurnPlan& plan, Instant now) {
  auto& commands = arrivals_.commands();
  if (!health_.may_write(now)) return refuse(commands, health_.failure());
  if (plan.writes) return write_turn(plan, now);
  auto& replies = intake_.draft().replies;  // to those that only look
  replies.resize(commands.size());
  deliver_replies(commands, replies, dispatcher_);
}

void Engine::write_turn(const TurnPlan& plan, Instant now) {
  const auto began = time_.monotonic();
  auto written = decide_and_write(plan, now);
  for (int n = 1; written.end == WriteEnd::refused && n < kDecisions; ++n) {
    registry_.rollback();
    written = decide_and_write(plan, now);
  }
  end_turn(plan, written, now, time_.monotonic() - began);
}

Written Engine::decide_and_write(const TurnPlan& plan, Instant now) {
  if (auto decided = decide(plan, now); !decided) return Written::failed(std::move(decided).error());
  auto turn = turn_value(plan, now);
  return writer_.write(turn);
}

Result<void> Engine::decide(const TurnPlan& plan, Instant now) {
  intake_.begin(now);
  auto& draft = intake_.draft();
  draft.rows.assign(outcomes_.unattempted().begin(), outcomes_.unattempted().end());
  if (plan.outcomes)
    outcomes_.decide(0, outcomes_.size(), intake_, now);  // first: commands see what they made
  EXPOSEE_TRY(find(plan));
  intake_.run(arrivals_.commands());
  end_overflow(draft, dispatcher_, registry_, doors_.observer, now);
  if (plan.catches_up) catch_up_some(now);
  return {};
}

// What the commands need to know: from the store, and from what the turn has decided before them.
Result<void> Engine::find(const TurnPlan& plan) {
  auto& findings = intake_.findings();
  findings.ask(arrivals_.commands());
  if (findings.lookups().empty()) return {};
  auto found = doors_.store.look(findings.lookups());
  if (!found) return std::move(found).error();
  findings.take(*std::move(found));
  findings.lay_over(intake_.draft().rows,
                    plan.outcomes ? outcomes_.attempts() : std::span<const AttemptRow>{});
  return {};
}

void Engine::catch_up_some(Instant now) {
  auto& draft = intake_.draft();
  draft.forwarded = dispatcher_.next_steps(now, draft.rows);
  for (const auto& step : draft.forwarded)
    draft.rows.insert(draft.rows.end(), step.rows.begin(), step.rows.end());
}

Turn Engine::turn_value(const TurnPlan& plan, Instant now) {
  const auto& draft = intake_.draft();
  Turn turn{.durability = plan.durability, .now = now};
  turn.events = draft.event_rows;
  EXPOSEE_ASSERT(turn.events.empty() || turn.durability == Durability::at_commit,
                 "what is acknowledged is on disk first (D1)");
  if (plan.outcomes) turn.attempts = outcomes_.attempts();
  turn.deliveries = draft.rows;
  turn.holds = draft.holds;
  turn.failing = draft.failing;
  turn.claims = draft.claims;
  turn.documents = draft.documents;
  if (registry_.changed()) turn.registry = &registry_.changes();
  if (turn.registry || !turn.events.empty()) turn.fence.registry = registry_.settled_version();
  if (plan.checkpoint)
    checkpoints_.put_into(turn, intake_.last_event(), now);  // its own events are in no lane yet
  return turn;
}

void Engine::dispatch(Instant now) {
  if (shutdown_.must_recall()) dispatcher_.recall_all();
  // While outcomes cannot be written as fast as they come, no attempt starts.
  if (shutdown_.is_stopping() || !health_.works() || outcomes_.are_divided()) return;
  auto& unowed = outcomes_.unattempted();
  std::vector<SendJob> jobs;
  auto read = dispatcher_.dispatch(now, time_.now(), jobs, unowed);
  if (!jobs.empty()) doors_.sender.send(std::move(jobs), arrivals_.inbox());
  if (!read) store_failed(read.error(), now);
}

}  // namespace exposee::engine
