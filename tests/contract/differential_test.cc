// Random work, the same on both stores at once: all that can be read must be equal. The in-memory store is
// plain enough to be believed, so this is what SQLite's cleverness is held against. A seed that found a
// difference stays in the list.
#include <map>
#include <random>
#include <set>

#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

constexpr std::uint64_t kEndpoints = 5;
constexpr std::uint64_t kTypes = 3;
constexpr Instant kNever = Instant::min();

// What the generator must know to stay within what the engine does.
struct Known {
  std::uint64_t last = 0;  // event
  std::uint64_t version = 1;
  std::int64_t clock = 1'000;
  std::map<DeliveryKey, std::uint32_t> attempts;
  std::set<DeliveryKey> rows;
  std::set<DeliveryKey> by_hand;                           // never owed, so their rows are always manual
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> open;  // type, endpoint; since version
};

class Twins {
 public:
  explicit Twins(std::uint64_t seed) : random_(seed) {
    TurnRows first;
    for (std::uint64_t n = 1; n <= kTypes; ++n) first.put_event_type(sample_type(n));
    for (std::uint64_t n = 1; n <= kEndpoints; ++n) first.put_endpoint(sample_endpoint(n));
    first.put_version(version(1));
    write(first);
  }

  // One turn of random work, which is written or refused, and now and then some housekeeping or a crash.
  void turn();
  void compare_everything();

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  DeliveryKey any_key() { return key(1 + below(known_.last + 1), 1 + below(kEndpoints)); }
  Instant any_time() {
    return at(static_cast<std::int64_t>(below(static_cast<std::uint64_t>(known_.clock) + 2'000)));
  }
  std::vector<EventSeq> any_events(std::uint64_t most) {
    std::set<EventSeq> events;
    for (; most > 0; --most) events.insert(any_key().event);
    return {events.begin(), events.end()};
  }
  std::string any_name(const char* what) { return what + std::to_string(below(8)); }

  template <class Call>
  void both(Call&& call) {
    auto one = call(memory_->store());
    auto other = call(sqlite_->store());
    if constexpr (std::is_same_v<decltype(one), Result<void>>) {
      EXPECT_TRUE(one && other);
    } else {
      EXPECT_EQ(text_of(one), text_of(other));
    }
  }
  template <class Call>
  void both_readers(Call&& call) {
    EXPECT_EQ(call(*memory_reader_), call(*sqlite_reader_));
  }

  void write(TurnRows& rows);
  void end_turn(const Known& before);
  void reopen();
  // The memory store's word, before this turn.
  std::optional<DeliveryRow> find(const DeliveryKey& of) {
    return memory_->store().look({.deliveries = {of}})->deliveries.at(0);
  }
  void work();
  void add_events();
  void add_attempts();
  void put_rows();
  void change_registry();
  void put_checkpoint();
  void cancel();
  void expire();
  void add_people();

  void compare_writer();
  void compare_deliveries();
  void compare_lists();
  DeliveryFilter any_filter();

  std::mt19937_64 random_;
  std::unique_ptr<StoreHarness> memory_ = memory_harness();
  std::unique_ptr<StoreHarness> sqlite_ = sqlite_harness();
  std::unique_ptr<Reader> memory_reader_ = *memory_->readers().open_reader();
  std::unique_ptr<Reader> sqlite_reader_ = *sqlite_->readers().open_reader();
  Known known_;
  TurnRows rows_;         // of the turn that is being made
  std::uint64_t last_before_ = 0;  // the last event of those before it
  bool refused_ = false;  // the last one
};

// --- work -----------------------------------------------------------------------------------------------

void Twins::turn() {
  const auto before = known_;
  last_before_ = known_.last;
  rows_ = TurnRows{};
  for (auto steps = 1 + below(4); steps > 0; --steps) work();
  end_turn(before);
  if (chance(8)) cancel();
  if (chance(12)) expire();
  if (chance(10)) reopen();
  if (chance(30)) compare_writer();
}

void Twins::write(TurnRows& rows) {
  both([&](Store& s) {
    const auto written = s.write(rows.turn());
    EXPECT_NE(written.end, WriteEnd::failed) << written.error.message;
    refused_ = written.end == WriteEnd::refused;
    return static_cast<std::uint64_t>(written.conflict);
  });
}

// Now and then it is refused, as if another registry were there.
void Twins::end_turn(const Known& before) {
  if (chance(20)) rows_.set_fence(version(9'999));
  write(rows_);
  if (refused_) known_ = before;
}

void Twins::reopen() {
  memory_reader_.reset();
  sqlite_reader_.reset();
  memory_->reopen();
  sqlite_->reopen();
  memory_reader_ = *memory_->readers().open_reader();
  sqlite_reader_ = *sqlite_->readers().open_reader();
}

void Twins::work() {
  const auto dice = below(100);
  if (dice < 35) return add_events();
  if (dice < 60) return add_attempts();
  if (dice < 78) return put_rows();
  if (dice < 85) return change_registry();
  if (dice < 94) return put_checkpoint();
  add_people();
}

void Twins::add_events() {
  std::vector<EventRef> events;
  for (auto n = 1 + below(6); n > 0; --n) {
    known_.clock += static_cast<std::int64_t>(below(3) * 400);
    if (chance(1)) known_.clock = std::max<std::int64_t>(0, known_.clock - 10'000);
    events.push_back(sample_event_at(++known_.last, at(known_.clock), 1 + below(kTypes), known_.version));
  }
  rows_.add_events(events);
}

void Twins::add_attempts() {
  std::vector<AttemptRow> attempts;
  std::set<DeliveryKey> chosen;
  for (auto n = below(60); n > 0; --n) {
    const auto of = any_key();
    if (!find(of) || !chosen.insert(of).second) continue;
    const int status = chance(70) ? 200 : chance(50) ? 503 : 0;
    attempts.push_back(sample_attempt(of, ++known_.attempts[of], status));
  }
  rows_.add_attempts(attempts);
}

void Twins::put_rows() {
  static constexpr DeliveryStatus kStatuses[] = {DeliveryStatus::pending, DeliveryStatus::pending,
                                                 DeliveryStatus::succeeded, DeliveryStatus::exhausted,
                                                 DeliveryStatus::cancelled};
  std::vector<DeliveryRow> rows;
  for (auto n = below(8); n > 0; --n) {
    const auto of = any_key();
    const bool owed = find(of).has_value();
    const bool exists = !memory_->store().load_events(std::vector{of.event})->empty();
    if (!owed && !(exists && chance(10))) continue;
    if (!owed) known_.by_hand.insert(of);
    auto row = sample_row(of, kStatuses[below(std::size(kStatuses))], any_time());
    row.manual = known_.by_hand.contains(of) || chance(15);
    row.cause = static_cast<Cause>(below(4));
    row.attempts = known_.attempts[of];
    row.asked = row.manual && row.status == DeliveryStatus::pending && chance(30);
    row.by_hand = static_cast<std::uint32_t>(below(3));
    if (chance(20)) row.not_before = any_time();
    rows.push_back(row);
    known_.rows.insert(of);
  }
  rows_.put_deliveries(rows);
}

void Twins::change_registry() {
  const std::pair choice{1 + below(kTypes), 1 + below(kEndpoints)};
  const auto [of_type, of_endpoint] = choice;
  ++known_.version;
  if (const auto open = known_.open.find(choice); open != known_.open.end()) {
    rows_.put_subscription(
        {type(of_type), endpoint(of_endpoint), version(open->second), version(known_.version)});
    known_.open.erase(open);
  } else {
    known_.open[choice] = known_.version;
    rows_.put_subscription({type(of_type), endpoint(of_endpoint), version(known_.version), {}});
  }
  auto changed = sample_endpoint(of_endpoint);
  changed.events = {{"type_" + std::to_string(of_type), version(known_.version)}};
  rows_.put_endpoint(changed);
  rows_.put_version(version(known_.version));
}

// As the engine does: what is owed to a lane, and has no row, lies above its mark or stands in a pack. Marks speak
// of what was there before this turn.
void Twins::put_checkpoint() {
  std::vector<LaneMark> marks;
  std::vector<BacklogPack> packs;
  for (std::uint64_t n = 1; n <= kEndpoints; ++n) {
    std::vector<EventPack> of_lane;
    auto mark = last_before_ ? seq(last_before_) : EventSeq{};
    const bool lags = chance(50);
    for (std::uint64_t event = 1; event <= last_before_; ++event) {
      const auto state = find(key(event, n));
      const bool waits = state && state->status == DeliveryStatus::pending && !known_.rows.contains(key(event, n));
      if (!waits) continue;
      if (lags && chance(95)) {
        add_to(of_lane, seq(event), 3 + below(30));
      } else {
        mark = EventSeq{seq(event).value - 1};
        break;
      }
    }
    marks.push_back({endpoint(n), mark});
    for (const auto& pack : of_lane) packs.push_back({endpoint(n), pack});
  }
  std::vector<PackKey> old;
  const auto state = memory_->store().load_start();
  for (const auto& pack : state->packs) old.push_back(pack.key);
  rows_.remove_packs(old);
  rows_.put_packs(packs);
  const auto checkpoint = last_before_ ? seq(last_before_) : EventSeq{};
  rows_.put_checkpoint(checkpoint, marks);
}

void Twins::cancel() {
  const auto number = endpoint(1 + below(kEndpoints));
  const auto limit = 1 + below(4);
  both([&](Store& s) { return s.cancel(number, limit, at(known_.clock)); });
}

// To the end, because stores may choose which rows go in which step.
void Twins::expire() {
  const auto events = chance(50) ? at(known_.clock / 2) : kNever;
  const auto answers = any_time();
  const auto limit = 1 + below(7);
  both([&](Store& s) -> Result<Expired> {
    Expired all;
    while (true) {
      auto done = s.expire(events, answers, limit);
      if (!done) return done;
      if (!done->more && done->events + done->attempts + done->deliveries + done->replies == 0) return all;
      all = {all.events + done->events, all.attempts + done->attempts, all.deliveries + done->deliveries,
             all.replies + done->replies};
    }
  });
}

// A turn that takes what is taken is refused whole, by both.
void Twins::add_people() {
  const auto to = any_name("user ");
  if (chance(20)) rows_.add_user({any_name("user "), at(known_.clock)});
  rows_.add_message({"user 1", to, to, "subject", any_name("text "), at(known_.clock)});
  if (!chance(30)) return;
  rows_.set_now(any_time());
  rows_.claim(any_name("key "), {any_name("print "), 200, "text/plain", "body"});
}

// --- comparison -----------------------------------------------------------------------------------------

void Twins::compare_everything() {
  compare_writer();
  compare_deliveries();
  compare_lists();
  both_readers([](Reader& r) { return text_of(all_users(r)); });
  for (std::uint64_t n = 0; n < 8; ++n) {
    const auto number = std::to_string(n);
    both_readers([&](Reader& r) { return text_of(all_messages(r, "user " + number)); });
    const auto reply_key = "key " + number, name = "user " + number;
    both([&](Store& s) { return s.look({.keys = {reply_key}})->replies; });
    both([&](Store& s) { return bool{s.look({.users = {name}})->users.at(0)}; });
  }
}

void Twins::compare_writer() {
  both([](Store& s) { return s.load_start(); });
  const auto after = known_.last ? seq(1 + below(known_.last)) : EventSeq{};
  both([&](Store& s) {
    auto touched = s.load_touched_after(after);
    std::ranges::sort(*touched);
    return touched;
  });
  both([&](Store& s) { return s.load_events_after(after, 7); });
  for (std::uint64_t n = 1; n <= kEndpoints; ++n) {
    const auto most = static_cast<std::uint32_t>(1 + below(10));
    const auto wanted = any_events(below(40));
    const auto max_bytes = below(3) ? below(1'000) : SIZE_MAX;
    both([&](Store& s) { return s.load_owed(endpoint(n), wanted, max_bytes); });
    const auto due = any_time();
    both([&](Store& s) { return s.load_pending(endpoint(n), due, after, most); });
    both([&](Store& s) { return s.load_asked(endpoint(n), due, after, most); });
  }
}

void Twins::compare_deliveries() {
  for (std::uint64_t event = 1; event <= known_.last; event += 1 + below(3)) {
    both_readers([&](Reader& r) { return text_of(r.event(seq(event))); });
    for (std::uint64_t n = 1; n <= kEndpoints; ++n) {
      both_readers([&](Reader& r) { return text_of(r.delivery(key(event, n))); });
      both_readers([&](Reader& r) { return text_of(r.attempts(key(event, n))); });
      both([&](Store& s) { return s.look({.deliveries = {key(event, n)}})->deliveries; });
    }
  }
}

DeliveryFilter Twins::any_filter() {
  DeliveryFilter filter;
  if (chance(60)) filter.status = static_cast<DeliveryStatus>(below(5));
  if (chance(30)) filter.endpoint = endpoint(1 + below(kEndpoints));
  if (chance(20)) filter.type = type(1 + below(kTypes));
  if (chance(20)) filter.cause = static_cast<Cause>(below(4));
  if (chance(20)) filter.since = any_time();
  if (chance(20)) filter.until = any_time();
  if (chance(10)) filter.before = any_key();
  if (chance(5)) filter.event = any_key().event;
  filter.limit = static_cast<std::uint32_t>(1 + below(30));
  return filter;
}

std::string whole_list(Reader& reader, DeliveryFilter filter) {
  std::string text;
  while (true) {
    auto page = reader.deliveries(filter);
    if (!page) return page.error().message;
    for (const auto& view : page->deliveries) text += text_of(view) + "\n";
    if (!page->next) return text;
    filter.before = page->next;
  }
}

void Twins::compare_lists() {
  for (int n = 0; n < 20; ++n) {
    const auto filter = any_filter();
    both_readers([&](Reader& r) { return whole_list(r, filter); });
  }
}

class Differential : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Differential, BothStoresAnswerTheSame) {
  Twins twins(GetParam());
  for (int turn = 1; turn <= 120 && !HasFailure(); ++turn) {
    SCOPED_TRACE("turn " + std::to_string(turn));
    twins.turn();
    if (turn % 15 == 0) twins.compare_everything();
  }
}

INSTANTIATE_TEST_SUITE_P(Seed, Differential, testing::Range<std::uint64_t>(1, 25));

}  // namespace
}  // namespace exposee::contract
