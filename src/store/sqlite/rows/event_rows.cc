#include "store/sqlite/rows/event_rows.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <vector>

#include "core/assert.h"
#include "core/event_type.h"
#include "store/sqlite/file/checksum.h"
#include "store/sqlite/rows/event_end.h"
#include "store/sqlite/rows/numbers.h"
#include "store/sqlite/sqlite_error.h"

namespace exposee::store {
namespace {

constexpr int kColumns = 7;
constexpr int kTypeColumn = 2, kBodyColumn = 5, kChecksumColumn = 6;

Error no_event() {
  return {ErrorCode::not_found, "There is no such event.", {}};
}

constexpr std::uint64_t little_endian(std::uint64_t value) {
  return std::endian::native == std::endian::little ? value : std::byteswap(value);
}

// Over all columns: the same on every machine, for it is stored.
std::int64_t checksum_of(const EventHead& head, std::string_view body) {
  struct {
    Bits128 id;
    std::uint64_t seq, type, version, accepted_at, body;
  } const fixed{head.id.bits,
                little_endian(head.seq.value),
                little_endian(head.type.value),
                little_endian(head.version.value),
                little_endian(static_cast<std::uint64_t>(to_micros(head.accepted_at))),
                little_endian(checksum(body))};
  static_assert(sizeof fixed == sizeof(Bits128) + 5 * sizeof(std::uint64_t), "nothing between them");
  return static_cast<std::int64_t>(checksum({reinterpret_cast<const char*>(&fixed), sizeof fixed}));
}

// --- damage ---------------------------------------------------------------------------------------------

// Whether the event there, or the next one in that direction, can be read.
Result<bool> is_readable(Database& db, EventSeq seq, Towards direction, Behind what) {
  auto query = direction == Towards::older
                   ? db.query("SELECT version FROM event WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1", seq)
                   : db.query("SELECT version FROM event WHERE seq >= ?1 ORDER BY seq LIMIT 1", seq);
  query.step();
  const auto read = query.result();
  if (!read && !goes_on(what, read.error())) return read.error();
  return static_cast<bool>(read);
}

}  // namespace

bool goes_on(Behind what, const Error& error) {
  return what == Behind::damage ? error.code == ErrorCode::damaged : is_of_one_place(error);
}

// A page holds a few events, a page of the tree above it some hundreds of those.
Result<std::optional<EventSeq>> behind_damage(Database& db, SeqRange range, Towards other_end, Behind what) {
  const auto place = [&](std::uint64_t distance) {
    return EventSeq{other_end == Towards::older ? range.last.value - distance : range.first.value + distance};
  };
  auto distance = nearest_good(range.last.value - range.first.value, [&](std::uint64_t distance) {
    return is_readable(db, place(distance), other_end, what);
  });
  if (!distance) return std::move(distance).error();
  return *distance ? std::optional(place(**distance)) : std::optional<EventSeq>{};
}

namespace {

// --- bisection ------------------------------------------------------------------------------------------

// A column that does not fall from one event to the next, and what the search goes on behind.
enum class Ascending { accepted_at, version };
struct Searched {
  Ascending column;
  Behind behind = Behind::damage;
};

// One event at or after `seq`, with the value that is searched for.
struct Probe {
  EventSeq seq;
  std::int64_t value;
};
Result<std::optional<Probe>> probe_whole(Database& db, EventSeq from, Ascending column) {
  auto query =
      db.query("SELECT seq, accepted_at, version FROM event WHERE seq >= ?1 ORDER BY seq LIMIT 1", from);
  std::optional<Probe> found;
  if (query.step()) {
    found = {query.number<EventSeq>(0), query.integer(column == Ascending::accepted_at ? 1 : 2)};
  }
  EXPOSEE_TRY(query.result());
  return found;
}

// What cannot be read is passed over: then the stretch that is found may begin with it.
Result<std::optional<Probe>> probe(Database& db, SeqRange range, Searched what) {
  auto found = probe_whole(db, range.first, what.column);
  if (found || !goes_on(what.behind, found.error())) return found;
  auto behind = behind_damage(db, range, Towards::newer, what.behind);
  if (!behind) return std::move(behind).error();
  return *behind ? probe_whole(db, **behind, what.column) : std::optional<Probe>{};
}

// The first event of the range whose value is at least `wanted`; the number past the range when there is
// none.
Result<EventSeq> first_at_least(Database& db, SeqRange range, Searched what, std::int64_t wanted) {
  std::uint64_t low = range.first.value, high = range.last.value + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    auto found = probe(db, {EventSeq{middle}, range.last}, what);
    if (!found) return std::move(found).error();
    const auto& hit = *found;
    if (!hit || hit->seq > range.last || hit->value >= wanted) {
      high = middle;
    } else {
      low = hit->seq.value + 1;
    }
  }
  return EventSeq{low};
}

// The stretches of events within which accepted_at ascends: one, unless the clock had been set back.
Result<std::vector<SeqRange>> ascending_ranges(Database& db, Behind what = Behind::damage) {
  auto all = all_events(db, what);
  if (!all) return std::move(all).error();
  std::vector<SeqRange> ranges;
  if (all->last < all->first) return ranges;
  ranges.push_back(*all);
  auto query = db.query("SELECT seq FROM clock_step WHERE seq > ?1 ORDER BY seq", all->first);
  while (query.step()) {
    const auto step = query.number<EventSeq>(0);
    ranges.back().last = EventSeq{step.value - 1};
    ranges.push_back({step, all->last});
  }
  EXPOSEE_TRY(query.result());
  return ranges;
}

Result<SeqRange> narrow(Database& db, SeqRange range, std::optional<Instant> since,
                        std::optional<Instant> until, Behind what = Behind::damage) {
  auto first = range.first, end = EventSeq{range.last.value + 1};
  for (auto [bound, at] : {std::pair{&first, since}, std::pair{&end, until}}) {
    if (!at) continue;
    auto found = first_at_least(db, range, {Ascending::accepted_at, what}, to_micros(*at));
    if (!found) return std::move(found).error();
    *bound = *found;
  }
  return SeqRange{first, EventSeq{end.value - 1}};
}

// UUIDv7: the first 48 bits are milliseconds (RFC 9562 section 5.7).
Instant time_of(const EventId& id) {
  std::int64_t milliseconds = 0;
  for (int i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | id.bits[static_cast<std::size_t>(i)];
  return Instant{std::chrono::milliseconds{milliseconds}};
}

}  // namespace

Result<std::string> TypeNames::name(TypeNumber number) {
  if (const auto known = names_.find(number); known != names_.end()) return known->second;
  auto query = db_.query("SELECT name FROM event_type WHERE number = ?1", number);
  std::string name;
  if (query.step()) name = query.text(0);
  EXPOSEE_TRY(query.result());
  return names_[number] = check_type_name(name) ? name : std::string();
}

EventHead read_head(const Query& query) {
  EventHead head{query.number<EventSeq>(0), EventId{query.bits(1)}, query.number<TypeNumber>(2),
                 query.number<RegistryVersion>(3), query.instant(4)};
  query.tell_fault("event", "it is shown without that", head.seq.value);
  return head;
}

// What is sent must be what was accepted: nothing of an event may be made up.
Result<EventRef> read_event(const Query& query, TypeNames& names) {
  auto head = read_head(query);
  auto name = names.name(head.type);
  if (!name) return std::move(name).error();
  if (name->empty()) query.fault(kTypeColumn);
  if (query.is_null(kBodyColumn)) query.fault(kBodyColumn);
  const bool known = !query.is_null(kChecksumColumn);  // of an earlier version
  if (known && query.integer(kChecksumColumn) != checksum_of(head, query.view(kBodyColumn))) {
    query.fault(kChecksumColumn);
  }
  auto event =
      std::make_shared<const Event>(Event{head.seq, head.id, head.type, head.version, head.accepted_at,
                                          *std::move(name), query.bytes(kBodyColumn)});
  if (!query.has_fault()) return event;
  query.tell_fault("event", "it is not sent any more", head.seq.value);
  return unreadable_event();
}

Error unreadable_event() {
  return {ErrorCode::damaged, "The stored event cannot be read any more.",
          "Restore a backup; the log names the row."};
}

// --- append ---------------------------------------------------------------------------------------------

// OR FAIL: a failing statement may leave part of its rows, which saves SQLite a journal of its own for every
// statement; the caller rolls the whole transaction back anyway.
EventAppender::EventAppender(Database& db)
    : db_(db),
      first_(db, "INSERT OR FAIL INTO event VALUES", kColumns, BulkInsert::Rows::whole),
      next_(db, "INSERT OR FAIL INTO event (id, type, version, accepted_at, body, checksum) VALUES",
            kColumns - 1, BulkInsert::Rows::whole) {}

namespace {

void place_content(RowBinder row, const Event& event) {
  row.value(blob_of(event.id.bits)).value(event.type).value(event.version);
  row.value(event.accepted_at).value(Blob{event.body});
  row.value(checksum_of({event.seq, event.id, event.type, event.version, event.accepted_at}, event.body));
}

// How many at the front have numbers without a gap.
std::size_t run_length(std::span<const EventRef> events) {
  std::size_t count = 1;
  while (count < events.size() && events[count]->seq.value == events[0]->seq.value + count) ++count;
  return count;
}

}  // namespace

Result<void> EventAppender::add(std::span<const EventRef> events) {
  EXPOSEE_TRY(note_clock_steps(events));
  if (is_at_broken_ && !events.empty()) [[unlikely]] {
    EXPOSEE_TRY(add_behind_broken(events.front()));
    events = events.subspan(1);
  }
  while (!events.empty()) {
    const auto count = run_length(events);
    EXPOSEE_TRY(add_run(events.first(count)));
    events = events.subspan(count);
  }
  return {};
}

Result<void> EventAppender::add_behind_broken(const EventRef& event) {
  const ShownInstead full(db_, broken_.page,
                          full_leaf(db_.usable_page_bytes(), EventSeq{event->seq.value - 1}));
  EXPOSEE_TRY(first_.insert(1, [&](RowBinder row, std::size_t) { place_content(row.value(event->seq), *event); }));
  is_at_broken_ = false;
  return {};
}

void EventAppender::settle() {
  if (broken_.page != 0 && last_ && !is_at_broken_) [[unlikely]]
    broken_ = {};
}

// The first rows are given their numbers. Those after them, blocks of the largest statement, get the next
// ones from SQLite, which appends them without looking for a row that has the number already: a sixth of the
// work of adding an event.
Result<void> EventAppender::add_run(std::span<const EventRef> events) {
  EXPOSEE_ASSERT(events.back()->seq <= kLastPossible, "an event's number fits SQLite's integers");
  const auto numbered = is_last_ ? (events.size() - 1) % BulkInsert::kMostRows + 1 : events.size();
  const auto first = events.first(numbered);
  EXPOSEE_TRY(first_.insert(first.size(), [&](RowBinder row, std::size_t i) {
    place_content(row.value(first[i]->seq), *first[i]);
  }));
  const auto rest = events.subspan(first.size());
  EXPOSEE_TRY(next_.insert(rest.size(), [&](RowBinder row, std::size_t i) { place_content(row, *rest[i]); }));
  if (EventSeq{static_cast<std::uint64_t>(db_.last_rowid())} == events.back()->seq) return {};
  return Error{ErrorCode::damaged, "The events of the data file are not in the order of their numbers.", {}};
}

Result<void> EventAppender::note_clock_steps(std::span<const EventRef> events) {
  if (!last_) EXPOSEE_TRY(load_last());
  for (const auto& event : events) {
    if (event->accepted_at < *last_) {
      EXPOSEE_TRY(db_.query("INSERT INTO clock_step VALUES (?1)", event->seq).run());
    }
    last_ = event->accepted_at;
  }
  return {};
}

Result<void> EventAppender::load_last() {
  is_at_broken_ = broken_.page != 0;
  if (is_at_broken_) {
    is_last_ = true;
    last_ = broken_.accepted_at;
    return {};
  }
  auto last = db_.query("SELECT max(seq) FROM event");
  is_last_ = !last.step() || last.number<EventSeq>(0) <= kLastCounted;
  EXPOSEE_TRY(last.result());
  auto query =
      db_.query("SELECT accepted_at FROM event WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1", kLastCounted);
  last_ = query.step() ? query.instant(0) : Instant::min();
  return query.result();
}

// --- find -----------------------------------------------------------------------------------------------

Result<std::optional<EventHead>> find_head(Database& db, EventSeq seq) {
  auto query = db.query("SELECT seq, id, type, version, accepted_at FROM event WHERE seq = ?1", seq);
  std::optional<EventHead> head;
  if (query.step()) head = read_head(query);
  EXPOSEE_TRY(query.result());
  return head;
}

Result<EventRef> find_event(Database& db, EventSeq seq, TypeNames& names) {
  auto query = db.query("SELECT seq, id, type, version, accepted_at, body, checksum FROM event WHERE seq = ?1", seq);
  if (query.step()) return read_event(query, names);
  EXPOSEE_TRY(query.result());
  return no_event();
}

namespace {

Result<EventRef> find_between(Database& db, SeqRange range, const EventId& id, TypeNames& names) {
  auto query = db.query(
      "SELECT seq, id, type, version, accepted_at, body, checksum FROM event"
      " WHERE seq BETWEEN ?1 AND ?2 AND id = ?3",
      range.first, range.last, blob_of(id.bits));
  if (query.step()) return read_event(query, names);
  EXPOSEE_TRY(query.result());
  return no_event();
}

// The stretch may begin with what is damaged: behind it as well, and what is not found there may have been on it.
Result<EventRef> find_behind_damage(Database& db, SeqRange range, const EventId& id, TypeNames& names) {
  auto found = find_between(db, range, id, names);
  if (found || found.error().code != ErrorCode::damaged) return found;
  auto behind = behind_damage(db, range, Towards::newer);
  if (!behind) return std::move(behind).error();
  if (!*behind) return found;
  auto again = find_between(db, {**behind, range.last}, id, names);
  return !again && again.error().code == ErrorCode::not_found ? found : again;
}

}  // namespace

namespace {

// The first event, 0 when there is none; where its page is damaged, the first number behind that.
Result<EventSeq> first_readable(Database& db, EventSeq last, Behind what) {
  auto first = first_number<EventSeq>(db.query("SELECT min(seq) FROM event WHERE seq > 0"));
  if (first || !goes_on(what, first.error()) || !last) return first;
  auto behind = behind_damage(db, {EventSeq{1}, last}, Towards::newer, what);
  if (!behind) return std::move(behind).error();
  return *behind ? Result<EventSeq>(**behind) : first;
}

}  // namespace

Result<EventRef> find_event(Database& db, const EventId& id, TypeNames& names) {
  auto ranges = ascending_ranges(db);
  if (!ranges) return std::move(ranges).error();
  const auto since = time_of(id), until = since + std::chrono::milliseconds(1);
  for (const auto& range : *ranges) {
    auto near = narrow(db, range, since, until);
    if (!near) return std::move(near).error();
    if (near->last < near->first) continue;
    auto found = find_behind_damage(db, *near, id, names);
    if (found || found.error().code != ErrorCode::not_found) return found;
  }
  return no_event();
}

Result<SeqRange> all_events(Database& db, Behind what) {
  auto end = readable_end(db, what);
  if (!end) return std::move(end).error();
  if (end->broken && !end->last) return unreadable_event();
  auto first = first_readable(db, end->last, what);
  if (!first) return std::move(first).error();
  if (!*first) return SeqRange{EventSeq{1}, EventSeq{0}};
  return SeqRange{*first, end->last};
}

Result<SeqRange> accepted_between(Database& db, std::optional<Instant> since, std::optional<Instant> until,
                                  Behind what) {
  auto ranges = ascending_ranges(db, what);
  if (!ranges) return std::move(ranges).error();
  SeqRange whole{kLastPossible, EventSeq{0}};
  for (const auto& range : *ranges) {
    auto part = narrow(db, range, since, until, what);
    if (!part) return std::move(part).error();
    if (part->last < part->first) continue;
    whole = {std::min(whole.first, part->first), std::max(whole.last, part->last)};
  }
  return whole;
}

Result<EventSeq> first_under(Database& db, RegistryVersion version, Behind what) {
  auto all = all_events(db, what);
  if (!all) return std::move(all).error();
  return first_at_least(db, *all, {Ascending::version, what}, static_cast<std::int64_t>(version.value));
}

}  // namespace exposee::store
