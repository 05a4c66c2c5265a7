#include "store/sqlite/housekeeping/retention.h"

#include <algorithm>

#include "store/sqlite/rows/event_rows.h"
#include "store/sqlite/rows/numbers.h"
#include "store/sqlite/rows/pack_rows.h"
#include "store/sqlite/rows/registry_rows.h"

namespace exposee::store {
namespace {

// What one call looks at, at most: some milliseconds.
constexpr int kBlocksPerCall = 2;
constexpr std::size_t kPacksPerCall = 1000;

Result<void> note_half_removed(Database& db, EventSeq event) {
  return db.query("UPDATE meta SET expiring = ?1", event).run();
}

Result<void> note_removed(Database& db, EventSeq last) {
  return db.query("UPDATE meta SET last_expired = max(last_expired, ?1)", last).run();
}

Result<EventSeq> last_removed(Database& db) {
  return first_number<EventSeq>(db.query("SELECT last_expired FROM meta"));
}

// One whose pages are damaged is there.
Result<void> leave_out_those_there(Database& db, std::vector<EventSeq>& events) {
  std::vector<EventSeq> gone;
  for (const auto event : events) {
    auto query = db.query("SELECT EXISTS (SELECT 1 FROM event WHERE seq = ?1)", event);
    const bool is_there = query.step() && query.flag(0);
    const auto read = query.result();
    if (!read && read.error().code != ErrorCode::damaged) return read;
    if (read && !is_there) gone.push_back(event);
  }
  events = std::move(gone);
  return {};
}

// Zero: there is none.
Result<EventSeq> next_event(Database& db, EventSeq after, EventSeq last) {
  return first_number<EventSeq>(db.query("SELECT min(seq) FROM event WHERE seq > ?1 AND seq <= ?2", after, last));
}

}  // namespace

Result<EventSeq> half_removed(Database& db) {
  // An event that is there is not being removed, whatever a damaged row says.
  return first_number<EventSeq>(db.query(
      "SELECT expiring FROM meta WHERE expiring > 0 AND NOT EXISTS (SELECT 1 FROM event WHERE seq = "
      "expiring)"));
}

Result<Expired> Retention::expire(Instant events_before, Instant replies_before, std::uint64_t limit) {
  limit_ = limit;
  done_ = {};
  EXPOSEE_TRY(expire_events(events_before));
  EXPOSEE_TRY(expire_replies(replies_before));
  return done_;
}

Result<void> Retention::expire_events(Instant before) {
  auto finished = finish_begun();
  if (!finished) return std::move(finished).error();
  if (!*finished) return {};
  auto events = candidates(before);
  if (!events) return std::move(events).error();
  for (std::span<const EventSeq> rest(*events); !rest.empty();) {
    const auto place = PackPlace::of({rest.front(), {}});
    const auto end = std::ranges::find_if(rest, [&](EventSeq e) { return PackPlace::of({e, {}}) != place; });
    const auto neighbours = rest.first(static_cast<std::size_t>(end - rest.begin()));
    auto whole = remove(neighbours);
    if (!whole) return std::move(whole).error();
    if (!*whole) break;
    rest = rest.subspan(neighbours.size());
  }
  if (done_.events == 0) return {};
  last_removed_.reset();
  return note_removed(db_, kept_to_);
}

// Those above the highest that was ever removed are there: nearly always all.
Result<std::vector<EventSeq>> Retention::gone(const Turn& turn) {
  if (!last_removed_) {
    auto last = last_removed(db_);
    if (!last) return std::move(last).error();
    last_removed_ = *last;
  }
  std::vector<EventSeq> events;
  const auto note = [&](const auto& row) {
    if (row.key.event <= *last_removed_) events.push_back(row.key.event);
  };
  std::ranges::for_each(turn.attempts, note);
  std::ranges::for_each(turn.deliveries, note);
  std::ranges::sort(events);
  const auto twice = std::ranges::unique(events);
  events.erase(twice.begin(), twice.end());
  EXPOSEE_TRY(leave_out_those_there(db_, events));
  return events;
}

// What an earlier call could not remove of an event that is gone.
Result<bool> Retention::finish_begun() {
  auto begun = half_removed(db_);
  if (!begun || !*begun) return begun ? Result<bool>(true) : std::move(begun).error();
  SuccessRemover successes(db_, PackPlace::of({*begun, {}}).events);
  EXPOSEE_TRY(successes.open());
  auto finished = finish(*begun, successes);
  if (!finished) return finished;
  EXPOSEE_TRY(successes.flush());
  if (*finished) EXPOSEE_TRY(note_half_removed(db_, {}));
  return finished;
}

Result<bool> Retention::remove(std::span<const EventSeq> neighbours) {
  SuccessRemover successes(db_, PackPlace::of({neighbours.front(), {}}).events);
  EXPOSEE_TRY(successes.open());
  auto plain = is_plain(neighbours, successes);
  if (!plain) return plain;
  bool whole = true;
  if (*plain) {
    EXPOSEE_TRY(remove_plain(neighbours, successes));
  } else {
    auto removed = remove_each(neighbours, successes);
    if (!removed) return removed;
    whole = *removed;
  }
  EXPOSEE_TRY(successes.flush());
  if (!whole) EXPOSEE_TRY(note_half_removed(db_, kept_to_));
  return whole;
}

// Nearly all are: a stretch without gaps, of first successes alone, that the limit leaves room for. They go
// with one statement, where one by one took milliseconds of a turn.
Result<bool> Retention::is_plain(std::span<const EventSeq> neighbours, const SuccessRemover& successes) {
  const auto first = neighbours.front(), last = neighbours.back();
  std::uint64_t attempts = 0;
  for (const auto event : neighbours) attempts += successes.left(event);
  const bool fits = done_.attempts + attempts <= limit_;
  if (!fits || last.value - first.value + 1 != neighbours.size()) return false;
  auto rows = has_rows(first, last);
  if (!rows) return rows;
  return !*rows;
}

Result<void> Retention::remove_plain(std::span<const EventSeq> neighbours, SuccessRemover& successes) {
  kept_to_ = neighbours.back();
  EXPOSEE_TRY(db_.query("DELETE FROM event WHERE seq BETWEEN ?1 AND ?2", neighbours.front(), kept_to_).run());
  done_.events += neighbours.size();
  for (const auto event : neighbours) done_.attempts += successes.take(event, limit_);
  return {};
}

Result<bool> Retention::remove_each(std::span<const EventSeq> neighbours, SuccessRemover& successes) {
  for (const auto event : neighbours) {
    EXPOSEE_TRY(db_.query("DELETE FROM event WHERE seq = ?1", event).run());
    ++done_.events;
    kept_to_ = event;
    auto finished = finish(event, successes);
    if (!finished || !*finished) return finished;
  }
  return true;
}

// Events that are still owed stay behind, so each call goes on where the last one ended, and begins anew once
// it came to the end: a backlog is not walked again and again. Block by block, a bounded number of them a
// call.
Result<std::vector<EventSeq>> Retention::candidates(Instant before) {
  auto low_water = marks_.lowest();
  if (!low_water) return std::move(low_water).error();
  auto old = accepted_between(db_, std::nullopt, before);
  if (!old) return std::move(old).error();
  const auto last = std::min(*low_water, old->last);
  for (int blocks = 0; blocks < kBlocksPerCall; ++blocks) {
    auto first = next_event(db_, kept_to_, last);
    if (!first) return std::move(first).error();
    if (!*first) {
      forget_place();
      return std::vector<EventSeq>{};
    }
    auto known = look_up_packed(*first);
    if (!known) return std::move(known).error();
    if (!*known) break;
    const auto end = std::min(last, last_of_block(*first));
    auto events = candidates_between(*first, end, before);
    if (!events || !events->empty()) return events;
    kept_to_ = end;
  }
  done_.more = true;
  return std::vector<EventSeq>{};
}

// False: not yet, for there are very many packs.
Result<bool> Retention::look_up_packed(EventSeq event) {
  if (!packed_ || block_of(packed_->looked_to.first) != block_of(event))
    packed_ = Packed{.looked_to = {{}, first_of_block(event)}};
  if (packed_->complete) return true;
  std::vector<PackKey> packs;
  auto found = next_packs(db_, packed_->looked_to, kPacksPerCall, packs);
  if (!found) return std::move(found).error();
  for (const auto& key : packs) {
    auto numbers = numbers_of_pack(db_, key, last_of_block(event));
    if (!numbers) return std::move(numbers).error();
    packed_->add(numbers->events);
    packed_->looked_to = key;
    if (packed_->events.all()) break;
  }
  packed_->complete = packs.size() < kPacksPerCall || packed_->events.all();
  return packed_->complete;
}

void Retention::note_packed(std::span<const BacklogPack> packs) {
  if (!packed_) return;
  for (const auto& [endpoint, pack] : packs) {
    if (block_of(pack.first()) == block_of(packed_->looked_to.first)) packed_->add(pack.events());
  }
}

// The literal `status <> 2` makes SQLite see that the partial index holds.
Result<bool> Retention::has_pending_row(EventSeq event) {
  auto query = db_.query(
      "SELECT EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_of_status"
      " WHERE status = 0 AND status <> 2 AND event = ?1)",
      event);
  const bool pending = query.step() && query.flag(0);
  EXPOSEE_TRY(query.result());
  return pending;
}

Result<std::vector<EventSeq>> Retention::candidates_between(EventSeq first, EventSeq last, Instant before) {
  if (packed_->events.all()) return std::vector<EventSeq>{};
  auto query =
      db_.query("SELECT seq FROM event WHERE seq BETWEEN ?1 AND ?2 AND accepted_at < ?3 ORDER BY seq", first,
                last, before);
  std::vector<EventSeq> events;
  while (events.size() < limit_ && query.step()) {
    const auto event = query.number<EventSeq>(0);
    if (packed_->events.test(event.value % kPackBlock)) continue;
    auto pending = has_pending_row(event);
    if (!pending) return std::move(pending).error();
    if (!*pending) events.push_back(event);
  }
  EXPOSEE_TRY(query.result());
  return events;
}

Result<bool> Retention::finish(EventSeq event, SuccessRemover& successes) {
  EXPOSEE_TRY(remove_rows(event));
  done_.attempts += successes.take(event, limit_ - done_.attempts);
  if (successes.left(event) != 0) return false;
  if (done_.attempts < limit_ && done_.deliveries < limit_) return true;
  auto left = has_rows(event, event);
  if (!left) return std::move(left).error();
  return !*left;
}

Result<void> Retention::remove_rows(EventSeq event) {
  EXPOSEE_TRY(db_.query("DELETE FROM attempt WHERE event = ?1 AND (endpoint, number) IN"
                        " (SELECT endpoint, number FROM attempt WHERE event = ?1 LIMIT ?2)",
                        event, limit_ - done_.attempts)
                  .run());
  done_.attempts += db_.changes();
  EXPOSEE_TRY(db_.query("DELETE FROM delivery WHERE event = ?1 AND endpoint IN"
                        " (SELECT endpoint FROM delivery WHERE event = ?1 LIMIT ?2)",
                        event, limit_ - done_.deliveries)
                  .run());
  done_.deliveries += db_.changes();
  return {};
}

Result<bool> Retention::has_rows(EventSeq first, EventSeq last) {
  auto query = db_.query(
      "SELECT EXISTS (SELECT 1 FROM attempt WHERE event BETWEEN ?1 AND ?2)"
      " OR EXISTS (SELECT 1 FROM delivery WHERE event BETWEEN ?1 AND ?2)",
      first, last);
  const bool left = query.step() && query.flag(0);
  EXPOSEE_TRY(query.result());
  return left;
}

Result<void> Retention::expire_replies(Instant before) {
  EXPOSEE_TRY(db_.query("DELETE FROM stored_reply WHERE number IN"
                        " (SELECT number FROM stored_reply WHERE stored_at < ?1 ORDER BY stored_at LIMIT ?2)",
                        before, limit_)
                  .run());
  done_.replies = db_.changes();
  return {};
}

}  // namespace exposee::store
