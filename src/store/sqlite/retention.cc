#include "store/sqlite/retention.h"

#include <algorithm>

#include "store/sqlite/rows/event_rows.h"
#include "store/sqlite/rows/registry_rows.h"

namespace exposee::store {
namespace {

Result<EventSeq> half_removed(Database& db) {
  // An event that is there is not being removed, whatever a damaged row says.
  auto query = db.query(
      "SELECT expiring FROM meta WHERE expiring > 0 AND NOT EXISTS (SELECT 1 FROM event WHERE seq = "
      "expiring)");
  EventSeq event;
  if (query.step()) event = query.number<EventSeq>(0);
  EXPOSEE_TRY(query.result());
  return event;
}

Result<void> note_half_removed(Database& db, EventSeq event) {
  return db.query("UPDATE meta SET expiring = ?1", event).run();
}

Result<void> note_removed(Database& db, EventSeq last) {
  return db.query("UPDATE meta SET last_expired = max(last_expired, ?1)", last).run();
}

}  // namespace

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
  return done_.events ? note_removed(db_, kept_to_) : Result<void>{};
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

// Events with a pending row stay behind, so each call goes on where the last one ended, and begins anew when
// that finds nothing: a paused endpoint's backlog is not walked again and again.
Result<std::vector<EventSeq>> Retention::candidates(Instant before) {
  auto low_water = lowest_mark(db_);
  if (!low_water) return std::move(low_water).error();
  auto old = accepted_between(db_, std::nullopt, before);
  if (!old) return std::move(old).error();
  const auto last = std::min(*low_water, old->last);
  auto events = candidates_after(kept_to_, last, before);
  if (!events || !events->empty() || !kept_to_) return events;
  kept_to_ = {};
  return candidates_after(kept_to_, last, before);
}

Result<std::vector<EventSeq>> Retention::candidates_after(EventSeq after, EventSeq last, Instant before) {
  auto query = db_.query(
      "SELECT seq FROM event WHERE seq > ?1 AND seq <= ?2 AND accepted_at < ?3"
      " AND NOT EXISTS (SELECT 1 FROM delivery WHERE event = seq AND status = 0)"
      " ORDER BY seq LIMIT ?4",
      after, last, before, limit_);
  std::vector<EventSeq> events;
  while (query.step()) events.push_back(query.number<EventSeq>(0));
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
