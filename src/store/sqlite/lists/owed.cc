#include "store/sqlite/lists/owed.h"

#include <algorithm>

#include "store/sqlite/lists/open_intervals.h"
#include "store/sqlite/rows/event_end.h"
#include "store/sqlite/rows/success_rows.h"

namespace exposee::store {
namespace {

// Bytes of events that are read in one step only to find that they are not owed: some milliseconds.
constexpr std::size_t kMostVerified = 4u << 20;

// Whether it has a row, has succeeded or, where `failures` count as well, was attempted at all.
Result<bool> is_touched(Database& db, SuccessIndex& successes, EventSeq event, EndpointNumber endpoint,
                        bool failures = true) {
  auto success = successes.find({event, endpoint});
  if (!success) return std::move(success).error();
  if (*success) return true;
  auto query = db.query(
      "SELECT EXISTS (SELECT 1 FROM attempt WHERE event = ?1 AND endpoint = ?2 AND (?3 OR succeeded = 1))"
      " OR EXISTS (SELECT 1 FROM delivery WHERE event = ?1 AND endpoint = ?2)",
      event, endpoint, failures);
  const bool touched = query.step() && query.flag(0);
  EXPOSEE_TRY(query.result());
  return touched;
}

// What an event says of itself, by which it is owed or not.
struct AddressedHead {
  EventSeq seq;
  TypeNumber type;
  RegistryVersion version;
};

// Whether one of the intervals covers the event that says this of itself: what says that none does is
// believed once its checksum is right. `bytes`: of what had to be read for that.
Result<bool> may_cover(Database& db, TypeNames& names, OpenIntervals& open, const AddressedHead& head,
                       std::size_t& bytes) {
  if (open.empty()) return false;
  auto covered = open.cover(head.type, head.version);
  if (!covered || *covered) return covered;
  auto event = find_event(db, head.seq, names);
  if (!event && event.error().code != ErrorCode::damaged) return std::move(event).error();
  if (event) bytes += (*event)->body.size();
  return !event;
}

// The same of an event by its number: one that cannot be read may be covered. Nothing: there is no such
// event.
Result<std::optional<bool>> may_be_covered(Database& db, TypeNames& names, OpenIntervals& open, EventSeq seq,
                                           std::size_t& bytes) {
  auto head = find_head(db, seq);
  if (!head && head.error().code != ErrorCode::damaged) return std::move(head).error();
  if (!head) return true;
  if (!*head) return std::nullopt;
  auto may = may_cover(db, names, open, {seq, (*head)->type, (*head)->version}, bytes);
  if (!may) return std::move(may).error();
  return *may;
}

// To look for what is greater than `after` SQLite would go to `after` itself, which may stand on a damaged
// page.
EventSeq next_to(EventSeq after) {
  return EventSeq{after.value + 1};
}

// Events that one damaged page may hold, and some hundreds of pages under a damaged one of the tree.
constexpr std::uint64_t kMostDamaged = 1 << 14;

// Numbers between these two, both included, may have stood on a damaged page.
void tell_unnamed(Database& db, EventSeq first, EventSeq last) {
  if (last < first) return;
  db.tell({"event", std::to_string(first.value) + " to " + std::to_string(last.value),
           "which of these stood on a damaged page cannot be told; they are not sent any more"});
}

// The first event behind `after` on a page of which not even the numbers can be read. Events are numbered one
// by one, and those above the last one that retention removed are all there. Nothing: it is the last page,
// and all on it are named.
Result<std::optional<EventSeq>> event_on_damaged_page(Database& db, EventSeq after) {
  const auto first = std::max(next_to(after), first_seq(1));
  auto readable = behind_damage(db, {next_to(after), kLastCounted}, Towards::newer);
  if (!readable) return std::move(readable).error();
  auto last = last_event(db);
  if (!last) return std::move(last).error();
  if (!*readable) return first <= last->named ? std::optional(first) : std::nullopt;
  const auto is_near = [&](EventSeq from) {
    return from < **readable && (*readable)->value - from.value <= kMostDamaged;
  };
  if (is_near(first)) return first;
  const auto kept = std::max(first, next_to(last->removed));
  const auto named = is_near(kept) ? kept : EventSeq{(*readable)->value - 1};
  tell_unnamed(db, first, EventSeq{named.value - 1});
  return named;
}

// A row whose pages SQLite cannot read ends every walk that comes to it. Its number stands in the tree above
// it, mostly, so that what lies behind can be reached. Nothing: it was the last.
Result<std::optional<EventSeq>> event_behind(Database& db, EventSeq after) {
  auto query = db.query("SELECT seq FROM event WHERE seq >= ?1 AND seq <= ?2 ORDER BY seq LIMIT 1",
                        next_to(after), kLastCounted);
  std::optional<EventSeq> seq;
  if (query.step()) seq = query.number<EventSeq>(0);
  if (auto read = query.result(); !read) {
    if (read.error().code != ErrorCode::damaged) return std::move(read).error();
    auto first = event_on_damaged_page(db, after);
    if (!first || !*first) return first;
    seq = *first;
  }
  if (!seq) return unreadable_event();
  db.tell({"event", std::to_string(seq->value), "SQLite finds its pages damaged; it is not sent any more"});
  return seq;
}

Result<OwedScan> go_round(Database& db, OwedScan&& page, const Error& error) {
  if (error.code != ErrorCode::damaged) return error;
  auto broken = event_behind(db, page.scanned_to);
  if (!broken) return std::move(broken).error();
  page.more = broken->has_value();
  if (!*broken) return std::move(page);
  page.owed.push_back(**broken);
  page.scanned_to = **broken;
  return std::move(page);
}

}  // namespace

Result<OwedScan> scan_owed(Database& db, TypeNames& names, EndpointNumber endpoint, EventSeq after,
                           std::uint32_t max_scan) {
  auto open = OpenIntervals::of(db, names, endpoint);
  if (!open) return std::move(open).error();
  OwedScan page{{}, after, false};
  SuccessIndex successes(db);
  auto query = db.query("SELECT seq, type, version FROM event WHERE seq >= ?1 AND seq <= ?2 ORDER BY seq",
                        next_to(after), kLastCounted);
  std::size_t bytes = 0;
  for (std::uint32_t scanned = 0; query.step(); ++scanned) {
    if (scanned == max_scan || bytes >= kMostVerified) {
      page.more = true;
      return page;
    }
    page.scanned_to = query.number<EventSeq>(0);
    const AddressedHead head{page.scanned_to, query.number<TypeNumber>(1), query.number<RegistryVersion>(2)};
    auto covered = may_cover(db, names, *open, head, bytes);
    if (!covered) return std::move(covered).error();
    if (!*covered) continue;
    auto touched = is_touched(db, successes, page.scanned_to, endpoint);
    if (!touched) return std::move(touched).error();
    if (!*touched) page.owed.push_back(page.scanned_to);
  }
  if (auto read = query.result(); !read) return go_round(db, std::move(page), read.error());
  return page;
}

namespace {

// One event of those that an endpoint may be owed, and what is known of it.
class OwedEvents {
 public:
  OwedEvents(Database& db, TypeNames& names, EndpointNumber endpoint, OpenIntervals open)
      : db_(db), names_(names), endpoint_(endpoint), open_(std::move(open)), successes_(db) {}

  Result<void> take(EventSeq seq, OwedPage& page) {
    auto event = find_event(db_, seq, names_);
    if (!event && event.error().code == ErrorCode::not_found) return {};
    const bool is_stuck = !event && event.error().code == ErrorCode::unreadable;
    if (!event && !is_stuck && event.error().code != ErrorCode::damaged) return std::move(event).error();
    if (event) {
      auto covered = open_.cover((*event)->type, (*event)->version);
      if (!covered) return std::move(covered).error();
      if (!*covered) return ++page.unowed, Result<void>{};
    }
    auto touched = is_touched(db_, successes_, seq, endpoint_);
    if (!touched) return std::move(touched).error();
    if (*touched) return {};
    if (is_stuck) return page.stopped = std::move(event).error(), Result<void>{};
    if (event) {
      page.bytes += (*event)->body.size();
      page.events.push_back(*std::move(event));
      return {};
    }
    page.unreadable.push_back(seq);
    return {};
  }

 private:
  Database& db_;
  TypeNames& names_;
  EndpointNumber endpoint_;
  OpenIntervals open_;
  SuccessIndex successes_;
};

}  // namespace

Result<OwedPage> owed_events(Database& db, TypeNames& names, EndpointNumber endpoint,
                             std::span<const EventSeq> events, std::size_t max_bytes) {
  auto open = OpenIntervals::of(db, names, endpoint);
  if (!open) return std::move(open).error();
  OwedEvents owed(db, names, endpoint, *std::move(open));
  OwedPage page;
  for (const auto seq : events) {
    auto taken = owed.take(seq, page);
    if (!taken && page.looked_at == 0) return std::move(taken).error();
    if (!taken || page.stopped) break;
    ++page.looked_at;
    if (!page.events.empty() && page.bytes >= max_bytes) break;
  }
  return page;
}

Result<StillOwed> still_owed(Database& db, TypeNames& names, EndpointNumber endpoint,
                             std::span<const EventSeq> events) {
  auto open = OpenIntervals::of(db, names, endpoint);
  if (!open) return std::move(open).error();
  SuccessIndex successes(db);
  StillOwed still;
  std::size_t bytes = 0;
  for (; still.looked_at < events.size() && bytes < kMostVerified; ++still.looked_at) {
    const auto seq = events[still.looked_at];
    auto may_be = may_be_covered(db, names, *open, seq, bytes);
    if (!may_be) return std::move(may_be).error();
    if (!may_be->value_or(false)) {
      still.unowed += may_be->has_value();
      continue;
    }
    auto touched = is_touched(db, successes, seq, endpoint, false);
    if (!touched) return std::move(touched).error();
    if (!*touched) still.events.push_back(seq);
  }
  return still;
}

Result<Uncovered> uncovered(Database& db, TypeNames& names, EndpointNumber endpoint,
                            std::span<const EventSeq> events) {
  auto open = OpenIntervals::of(db, names, endpoint);
  if (!open) return std::move(open).error();
  Uncovered found;
  std::size_t bytes = 0;
  for (; found.looked_at < events.size() && bytes < kMostVerified; ++found.looked_at) {
    auto may_be = may_be_covered(db, names, *open, events[found.looked_at], bytes);
    if (!may_be) return std::move(may_be).error();
    if (*may_be == false) found.events.push_back(events[found.looked_at]);
  }
  return found;
}

Result<EventBatch> events_after(Database& db, TypeNames& names, EventSeq after, std::uint32_t max_events) {
  auto query = db.query(
      "SELECT seq, id, type, version, accepted_at, body, checksum FROM event WHERE seq >= ?1 AND seq <= ?3"
      " ORDER BY seq LIMIT ?2",
      next_to(after), max_events, kLastCounted);
  EventBatch page;
  while (query.step()) {
    auto event = read_event(query, names);
    if (event) {
      page.events.push_back(*std::move(event));
      continue;
    }
    if (event.error().code != ErrorCode::damaged) return std::move(event).error();
    page.unreadable = query.number<EventSeq>(0);
    return page;
  }
  auto read = query.result();
  if (read) return page;
  if (read.error().code != ErrorCode::damaged) return std::move(read).error();
  auto broken = event_behind(db, page.events.empty() ? after : page.events.back()->seq);
  if (!broken) return std::move(broken).error();
  page.unreadable = *broken;
  return page;
}

Result<EventsRead> events_of(Database& db, TypeNames& names, std::span<const EventSeq> seqs,
                             std::size_t max_bytes) {
  EventsRead read;
  std::size_t bytes = 0;
  for (const auto seq : seqs) {
    auto event = find_event(db, seq, names);
    const auto code = event ? ErrorCode::not_found : event.error().code;
    if (code != ErrorCode::not_found && code != ErrorCode::damaged) {
      if (code == ErrorCode::unreadable) {
        read.stopped = std::move(event).error();
      } else if (read.looked_at == 0) {
        return std::move(event).error();
      }
      break;
    }
    ++read.looked_at;
    if (!event) continue;
    bytes += (*event)->body.size();
    read.events.push_back(*std::move(event));
    if (bytes >= max_bytes) break;
  }
  return read;
}

Result<std::vector<DeliveryKey>> touched_after(Database& db, EventSeq after) {
  auto query = db.query(
      "SELECT event, endpoint FROM attempt WHERE event > ?1 UNION ALL"
      " SELECT event, endpoint FROM delivery WHERE event > ?1",
      after);
  std::vector<DeliveryKey> keys;
  while (query.step()) keys.push_back({query.number<EventSeq>(0), query.number<EndpointNumber>(1)});
  EXPOSEE_TRY(query.result());
  EXPOSEE_TRY(successes_after(db, after, keys));
  std::ranges::sort(keys);  // a delivery that succeeded may have been retried by hand, and have a row
  const auto twice = std::ranges::unique(keys);
  keys.erase(twice.begin(), twice.end());
  return keys;
}

}  // namespace exposee::store
