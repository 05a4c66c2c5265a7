#include "contract/twins.h"

namespace exposee::contract {
namespace {

constexpr Instant kNever = Instant::min();

}  // namespace

Twins::Twins(std::uint64_t seed) : random_(seed) {
  TurnRows first;
  for (std::uint64_t n = 1; n <= kTypes; ++n) first.put_event_type(sample_type(n));
  for (std::uint64_t n = 1; n <= kEndpoints; ++n) first.put_endpoint(sample_endpoint(n));
  first.put_version(version(1));
  write(first);
}

void Twins::turn() {
  const auto before = known_;
  last_before_ = known_.last;
  rows_ = TurnRows{};
  marker_ = {1 + below(2), marker_.turn + 1};
  rows_.set_marker(marker_);
  if (chance(30)) rows_.set_durability(Durability::with_next);
  for (auto steps = 1 + below(4); steps > 0; --steps) work();
  end_turn(before);
  if (chance(8)) cancel();
  if (chance(12)) sift();
  if (chance(8)) end_unowed();
  if (chance(12)) expire();
  if (chance(8)) forget_ended();
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
  if (dice < 92) return put_checkpoint();
  if (dice < 96) return note_endpoints();
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
    const bool exists = !memory_->store().load_events(std::vector{of.event}, SIZE_MAX)->events.empty();
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
  const auto of_type = 1 + below(kTypes);
  const std::pair choice{chance(70) ? pattern(of_type) : chance(50) ? "sample.*" : "*", 1 + below(kEndpoints)};
  const auto& [by_pattern, of_endpoint] = choice;
  ++known_.version;
  if (const auto open = known_.open.find(choice); open != known_.open.end()) {
    rows_.put_subscription(
        {by_pattern, endpoint(of_endpoint), version(open->second), version(known_.version)});
    known_.open.erase(open);
  } else {
    known_.open[choice] = known_.version;
    rows_.put_subscription({by_pattern, endpoint(of_endpoint), version(known_.version), {}});
  }
  auto named = sample_type(of_type);
  named.description = any_name("description ");
  if (chance(30)) named.removed_at = at(known_.clock);
  rows_.put_event_type(named);
  auto changed = sample_endpoint(of_endpoint);
  changed.events = {{by_pattern, version(known_.version)}};
  rows_.put_endpoint(changed);
  rows_.put_version(version(known_.version));
}

// As the engine does: what is owed to a lane, and has no row, lies above its mark or stands in a pack. Marks
// speak of what was there before this turn.
void Twins::put_checkpoint() {
  if (rows_.turn().checkpoint) return;  // a turn has one at most
  const auto shards = chance(70) ? ShardSet::all() : ShardSet(below(1u << (kEndpoints + 1)));
  std::vector<LaneMark> marks;
  std::vector<BacklogPack> packs;
  for (std::uint64_t n = 1; n <= kEndpoints; ++n) {
    if (!shards.has(endpoint(n))) continue;
    std::vector<EventPack> of_lane;
    auto mark = last_before_ ? seq(last_before_) : EventSeq{};
    const bool lags = chance(50);
    for (std::uint64_t event = 1; event <= last_before_; ++event) {
      const auto state = find(key(event, n));
      const bool waits =
          state && state->status == DeliveryStatus::pending && !known_.rows.contains(key(event, n));
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
  // Some packs stay as they are, or grow.
  const bool all_anew = chance(50);
  const auto is_put = [&](const PackKey& key) {
    return std::ranges::any_of(
        packs, [&](const BacklogPack& pack) { return key == PackKey{pack.endpoint, pack.events.first()}; });
  };
  std::vector<PackKey> old;
  const auto state = memory_->store().load_start();
  for (const auto& pack : state->packs) {
    if (shards.has(pack.key.endpoint) && (all_anew || !is_put(pack.key))) old.push_back(pack.key);
  }
  rows_.remove_packs(old);
  rows_.put_packs(packs);
  const auto checkpoint = last_before_ ? seq(last_before_) : EventSeq{};
  rows_.put_checkpoint(checkpoint, marks, shards);
}

void Twins::cancel() {
  const auto number = endpoint(1 + below(kEndpoints));
  const auto limit = 1 + below(4);
  both([&](Store& s) { return s.cancel({}, number, limit, at(known_.clock)); });
}

void Twins::sift() {
  const auto number = endpoint(1 + below(kEndpoints));
  std::vector<PackStretch> packs;
  const auto state = memory_->store().load_start();
  for (const auto& pack : state->packs) {
    if (pack.key.endpoint == number && chance(50)) packs.push_back({pack.key.first, pack.last});
  }
  both([&](Store& s) -> Result<std::vector<std::uint64_t>> {
    auto sifted = s.sift({}, number, packs);
    if (!sifted) return std::move(sifted).error();
    std::vector<std::uint64_t> plain;
    for (const auto& pack : *sifted)
      plain.insert(plain.end(), {pack.was.value, pack.left.count(), pack.unowed});
    return plain;
  });
}

void Twins::end_unowed() {
  const auto number = endpoint(1 + below(kEndpoints));
  const std::pair after{chance(50) ? Instant::min() : any_time(), any_key().event};
  const auto under_way = any_events(below(3));
  const auto limit = static_cast<std::uint32_t>(1 + below(6));
  both([&](Store& s) -> Result<std::vector<std::uint64_t>> {
    auto rows = s.end_unowed({}, number, after, under_way, limit, at(known_.clock));
    if (!rows) return std::move(rows).error();
    std::vector<std::uint64_t> plain{rows->next ? rows->next->second.value : 0};
    for (const auto event : rows->ended) plain.push_back(event.value);
    return plain;
  });
}

// To the end, because stores may choose which rows go in which step.
void Twins::expire() {
  const auto events = chance(50) ? at(known_.clock / 2) : kNever;
  const auto answers = any_time();
  const auto limit = 1 + below(7);
  both([&](Store& s) -> Result<Expired> {
    Expired all;
    while (true) {
      auto done = s.expire({}, events, answers, limit);
      if (!done) return done;
      all = {.events = all.events + done->events, .replies = all.replies + done->replies};
      if (!done->more) return all;
    }
  });
}

// A whole round, because stores may choose how many they look at in which step.
void Twins::forget_ended() {
  const auto limit = 1 + below(5);
  both([&](Store& s) -> Result<std::vector<std::uint64_t>> {
    std::uint64_t gone = 0;
    bool some_stay = false;
    for (std::optional<SubscriptionKey> place = SubscriptionKey{}; place;) {
      auto done = s.forget_ended({}, *place, limit);
      if (!done) return std::move(done).error();
      gone += done->gone;
      some_stay |= done->some_stay;
      place = done->next;
    }
    return std::vector<std::uint64_t>{gone, some_stay};
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

// What is known of their receivers: the last word counts.
void Twins::note_endpoints() {
  for (auto n = 1 + below(3); n > 0; --n) {
    rows_.put_hold({endpoint(1 + below(kEndpoints)), any_time()});
    rows_.put_failing(
        {endpoint(1 + below(kEndpoints)),
         {static_cast<std::uint32_t>(below(5)), Duration{static_cast<std::int64_t>(below(1'000))}}});
  }
}

}  // namespace exposee::contract
