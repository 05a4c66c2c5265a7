#include "sim/world/books.h"

#include <algorithm>
#include <vector>

#include "core/shard.h"

namespace exposee::sim {

using namespace fakes;

namespace {

bool changes_registry(const Turn& turn) {
  return turn.registry && turn.registry->version;
}

std::string name_of(const DeliveryKey& key) {
  return "event " + std::to_string(key.event.value) + " endpoint " + std::to_string(key.endpoint.value);
}

// As an observer was told of it last.
bool is_failing(const std::string& chores, const std::string& name) {
  const auto failed = chores.rfind(name + "!");
  return failed != std::string::npos && chores.find(name + " ", failed) == std::string::npos;
}

}  // namespace

Books::Books(World& world, Disk& disk) : world_(world), disk_(disk), ledger_(disk.data->state) {
  auto& faults = disk_.faults;
  faults.writes = [this](const Turn& turn) { check_turn(turn); };
  faults.wrote = [this](const Turn& turn) { note_turn(turn); };
  faults.expiring = [this](Instant events_before) { check_retention(events_before); };
  faults.expired = [this] { check_expired(); };
  world_.on_accepted = [this](const engine::Published& published) { check_accepted(published); };
  world_.after_step = [this] { check_step(); };
}

// --- as a turn is written
// -----------------------------------------------------------------------------------

void Books::check_turn(const Turn& turn) {
  check_fence(turn);
  for (const auto& attempt : turn.attempts) check_attempt(attempt);
  for (const auto& row : turn.deliveries) check_row(turn, row);
}

// I10: whom an event is owed to is decided by the registry that the store has; and each turn is of the life
// that wrote it.
void Books::check_fence(const Turn& turn) const {
  EXPECT_EQ(turn.fence.epoch, memory::epoch_of(state(), turn.marker.node))
      << "I10: of a node that is not over";
  if (turn.events.empty() && !changes_registry(turn)) return;
  ASSERT_TRUE(turn.fence.registry) << "I10: a turn that depends on the registry says so";
  const auto after = changes_registry(turn) ? *turn.registry->version : *turn.fence.registry;
  for (const auto& event : turn.events) {
    EXPECT_TRUE(*turn.fence.registry <= event->version && event->version <= after) << "I10";
  }
}

void Books::check_attempt(const AttemptRow& attempt) {
  const auto made = state().attempts.find(attempt.key);
  EXPECT_TRUE(made == state().attempts.end() || !made->second.contains(attempt.number))
      << "I2: an outcome is recorded once; " << name_of(attempt.key);
  EXPECT_TRUE(!attempt.succeeded || was_received(attempt))
      << "I3: nobody saw a 2xx; " << name_of(attempt.key);
}

bool Books::was_received(const AttemptRow& attempt) {
  const auto& seen = world_.sender.seen;
  for (; looked_at_ < seen.size(); ++looked_at_) {
    const auto& post = seen[looked_at_];
    if (post.status / 100 == 2) received_.emplace(post.endpoint, post.event, post.attempt);
  }
  const auto event = state().events.find(attempt.key.event);
  if (event == state().events.end()) return has_expired(attempt.key.event);
  return received_.contains({attempt.key.endpoint, event->second->id, attempt.number});
}

// I2: what has ended stays so but by hand, or if an attempt was under way when it was cancelled.
void Books::check_row(const Turn& turn, const DeliveryRow& row) const {
  if (std::ranges::find(turn.events, row.key.event, &Event::seq) != turn.events.end()) return;
  // It was cancelled while an attempt was under way, and its event went before that ended.
  if (has_expired(row.key.event) && row.status != DeliveryStatus::pending) return;
  const auto before = memory::view_delivery(state(), row.key);
  ASSERT_TRUE(before) << "I4: it is owed to nobody; " << name_of(row.key);
  const auto was = before->row.status;
  const bool was_open = was == DeliveryStatus::pending || was == DeliveryStatus::cancelled;
  EXPECT_TRUE(was_open || row.status == was || row.asked) << "I2: it had ended; " << name_of(row.key);
  EXPECT_GE(row.attempts, before->row.attempts) << name_of(row.key);
}

// --- once it is written
// -------------------------------------------------------------------------------------

void Books::note_turn(const Turn& turn) {
  follow_life();
  for (const auto& event : turn.events) largest_ = std::max(largest_, event->body.size());
  for (const auto& attempt : turn.attempts) {
    ledger_.look_again(attempt.key);
    if (state().attempts.contains(attempt.key)) check_event(attempt.key);
  }
  for (const auto& row : turn.deliveries) {
    ledger_.look_again(row.key);
    if (state().rows.contains(row.key)) check_event(row.key);
  }
  if (!turn.checkpoint) return;
  stopped_.note_checkpoint(turn, world_.settings().limits);
  ledger_.bring_up_to_date();
  check_marks();
  at_checkpoint_ = true;
}

// D13: nothing would ever remove it.
void Books::check_event(const DeliveryKey& key) const {
  EXPECT_TRUE(state().events.contains(key.event) || key.event == state().expiring)
      << "D13: no row without its event; " << name_of(key);
}

// What a start reads: every delivery up to its lane's mark that is pending without a row stands in a pack.
void Books::check_marks() {
  std::map<EndpointNumber, EventSeq> marks;
  std::set<DeliveryKey> packed;
  for (const auto& mark : state().marks) marks[mark.endpoint] = mark.low_water;
  for (const auto& [key, pack] : state().packs) {
    for (const auto event : pack.events()) packed.insert({event, key.endpoint});
  }
  for (const auto& key : ledger_.open()) {
    const auto own = marks.find(key.endpoint);
    const auto mark = own == marks.end() ? state().checkpoints[shard_of(key.endpoint)] : own->second;
    EXPECT_TRUE(key.event > mark || state().rows.contains(key) || packed.contains(key))
        << "I13: no start would find " << name_of(key);
  }
}

// I1.
void Books::check_accepted(const engine::Published& published) const {
  EXPECT_TRUE(disk_.data->synced.events.contains(published.seq))
      << "I1: it is acknowledged before it is on disk";
}

// --- retention
// ----------------------------------------------------------------------------------------------

void Books::check_retention(Instant events_before) {
  const auto& events = state().events;
  before_.reset();
  const bool takes_some = std::ranges::any_of(
      events, [&](const auto& entry) { return entry.second->accepted_at < events_before; });
  if (takes_some) before_ = state();
}

// D13: old, and owed to nobody.
void Books::check_expired() {
  if (!before_) return;
  for (const auto& [seq, event] : before_->events) {
    if (state().events.contains(seq)) continue;
    EXPECT_LT(event->accepted_at, world_.believed_time() - world_.settings().retention)
        << "D13: it is too young";
    for (const auto& view : memory::deliveries_of(*before_, *event)) {
      EXPECT_NE(view.row.status, DeliveryStatus::pending)
          << "D13: it was owed still; " << name_of(view.row.key);
    }
    expired_.insert(seq);
    ledger_.drop(seq);
  }
}

// --- after every turn
// ---------------------------------------------------------------------------------------

// A process that ended may have taken with it what was not on disk.
void Books::follow_life() {
  if (std::exchange(life_, world_.sender.life) == world_.sender.life) return;
  ledger_.begin_anew();
  sets_aside_ = false;
}

void Books::check_step() {
  follow_life();
  if (std::exchange(epochs_, state().epochs) != state().epochs) stopped_.begin_anew();
  sets_aside_ = sets_aside_ || disk_.faults.refuses;
  const auto& dispatcher = world_.engine->dispatcher();
  EXPECT_LE(dispatcher.flights(), world_.settings().max_in_flight) << "I8, in all";
  most_out_.resize(std::max(most_out_.size(), dispatcher.endpoints()));
  for (std::uint64_t number = 1; number <= dispatcher.endpoints(); ++number) {
    if (const auto* lane = dispatcher.find_lane(EndpointNumber{number})) check_lane(*lane);
  }
  stopped_.step_is_over();
  check_memory();
  if (!at_checkpoint_ || !world_.engine->store_works() || world_.engine->idle() == Duration::zero()) return;
  at_checkpoint_ = false;
  check_counts();
}

// I14, and I13 of what is in memory. What was handed out may come back to a window that is full by then.
void Books::check_lane(const engine::Lane& lane) {
  const auto& limits = world_.settings().limits;
  auto& out = most_out_[lane.number.value - 1];
  out = std::max(out, lane.flights.in_flight());
  EXPECT_LE(lane.backlog.size(), limits.window + out) << "I14: events in a window";
  stopped_.check(lane, limits, world_.clock.latest());
  EXPECT_LE(lane.retries.size(), 2 * limits.retry_window) << "I14: rows in windows";
  EXPECT_LE(lane.retries.held(), 2 * std::max(limits.retry_events, limits.stopped_retries))
      << "I14: events of retries";
  // All the memory there is, or its share; and one event more, beside another that was on its way.
  EXPECT_LE(lane.retries.bytes(), std::max(limits.body_bytes, limits.least_share_bytes) + 2 * largest_)
      << "I14: bodies of retries";
  const auto in_memory = lane.backlog.size() + lane.retries.size() + lane.flights.open();
  EXPECT_GE(lane.owed.count, in_memory) << "I13: endpoint " << lane.number.value;
}

// I14: bodies. Past the limit each lane that has work holds its share, and one event more, as does each
// attempt whose outcome is not on disk, and one that came back to a window that is full; and there is room
// for what one round of reads brings.
void Books::check_memory() const {
  const auto& limits = world_.settings().limits;
  const auto& dispatcher = world_.engine->dispatcher();
  std::size_t lanes = 0, came_back = 0;
  for (std::uint64_t number = 1; number <= dispatcher.endpoints(); ++number) {
    const auto* lane = dispatcher.find_lane(EndpointNumber{number});
    lanes += lane && (lane->lines.listed || !lane->backlog.empty());
    if (lane) came_back += lane->backlog.size() - std::min(lane->backlog.size(), limits.window);
  }
  if (dispatcher.held_bytes() <= limits.body_bytes) return;
  const auto shares = limits.body_bytes + lanes * (limits.least_share_bytes + largest_);
  const auto attempts = (dispatcher.flights() + world_.engine->unwritten() + came_back) * largest_;
  const auto reads = limits.read_bytes_per_turn + largest_;
  EXPECT_LE(dispatcher.held_bytes(), limits.body_bytes + shares + attempts + reads) << "I14: bodies";
}

// I13: what is stored adds up, and the engine counts nothing less.
void Books::check_counts() {
  ledger_.bring_up_to_date();
  const auto& dispatcher = world_.engine->dispatcher();
  std::uint64_t sum = 0, owed = 0;
  for (const auto count : ledger_.sums()) sum += count;
  EXPECT_EQ(ledger_.accepted(), sum) << "I13";
  for (std::uint64_t number = 1; number <= dispatcher.endpoints(); ++number) {
    const auto* lane = dispatcher.find_lane(EndpointNumber{number});
    owed += lane ? lane->owed.count : 0;
    check_count(EndpointNumber{number});
  }
  EXPECT_EQ(dispatcher.owed(), owed) << "I13: the sum of all lanes";
}

// What it counts it has in memory, and nothing that it was owed was ever unsubscribed.
bool Books::is_read(const engine::Lane& lane) const {
  const bool was_cut_off = std::ranges::any_of(
      state().subscriptions, [&](const Subscription& s) { return s.endpoint == lane.number && s.until; });
  return !was_cut_off && !lane.backlog.has_beyond() && !lane.backlog.is_reading() && !lane.retries.has_more();
}

void Books::check_count(EndpointNumber number) const {
  if (sets_aside_) return;  // that is owed again after the next start
  const auto* endpoint = world_.engine->registry()->endpoint_numbered(number);
  const bool is_cancelled = !endpoint || !endpoint->is_active();
  if (is_cancelled && is_failing(world_.observer.chores, "cancelling deliveries")) return;  // it is tried again
  const auto* lane = world_.engine->dispatcher().find_lane(number);
  const auto owed = lane ? lane->owed.count : 0;
  EXPECT_GE(owed, ledger_.open_of(number)) << "I13: endpoint " << number.value;
  if (lane && is_read(*lane)) {
    EXPECT_EQ(owed, ledger_.open_of(number)) << "I13: endpoint " << number.value << " in life " << life_;
  }
}

// --- at times
// -----------------------------------------------------------------------------------------------

// I15.
void Books::check_second_start() {
  const auto look = [this] {
    const auto& dispatcher = world_.engine->dispatcher();
    std::vector<std::tuple<std::uint64_t, std::optional<Instant>>> lanes;
    for (std::uint64_t number = 1; number <= dispatcher.endpoints(); ++number) {
      const auto* lane = dispatcher.find_lane(EndpointNumber{number});
      lanes.emplace_back(lane ? lane->owed.count : 0, dispatcher.held_until(EndpointNumber{number}));
    }
    return std::tuple(std::move(lanes), world_.engine->registry()->version, state().rows.size(),
                      state().events.size());
  };
  const auto first = look();
  world_.start_again();
  EXPECT_EQ(look(), first) << "I15: a second start finds the same";
}

void Books::check_end() {
  ledger_.bring_up_to_date();
  for (const auto& key : ledger_.open()) ADD_FAILURE() << "I2: every owed delivery ends; " << name_of(key);
  EXPECT_EQ(ledger_.recount(), ledger_.sums()) << "I13";
  check_orphans();
  for (const auto& acked : world_.acked) {
    EXPECT_TRUE(state().events.contains(acked.seq) || has_expired(acked.seq)) << "D2: it was acknowledged";
  }
  constexpr auto kRested = std::chrono::minutes(10);  // since everything has ended, at least
  if (world_.settings().retention < kRested) {
    EXPECT_TRUE(state().events.empty()) << "D13: what is old and owes nothing is gone";
    EXPECT_TRUE(std::ranges::none_of(state().subscriptions, [](const auto& s) { return bool{s.until}; }))
        << "D13: so are subscriptions that have ended";
  }
}

void Books::check_orphans() const {
  for (const auto& [key, row] : state().rows) check_event(key);
  for (const auto& [key, made] : state().attempts) check_event(key);
}

}  // namespace exposee::sim
