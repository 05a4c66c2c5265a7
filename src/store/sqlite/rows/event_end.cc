#include "store/sqlite/rows/event_end.h"

#include <algorithm>
#include <vector>

#include "store/sqlite/rows/numbers.h"
#include "store/sqlite/sqlite_error.h"

namespace exposee::store {
namespace {

// Of a row of `event` in its page: its place and lengths, a number of seven bytes, an id, a time, a checksum.
constexpr std::uint64_t kLeastEventBytes = 48;

// Nothing also of what is damaged.
Result<EventSeq> if_readable(Query&& query) {
  auto number = first_number<EventSeq>(std::move(query));
  if (!number && number.error().code == ErrorCode::damaged) return EventSeq{};
  return number;
}

Result<EventSeq> noted_last(Database& db) {
  return first_number<EventSeq>(db.query(
      "SELECT max(last_event) FROM turn_marker WHERE typeof(last_event) = 'integer' AND last_event <= ?1",
      kLastCounted));
}

Result<EventSeq> last_removed(Database& db) {
  return first_number<EventSeq>(
      db.query("SELECT last_expired FROM meta WHERE typeof(last_expired) = 'integer' AND last_expired <= ?1",
               kLastCounted));
}

// No file holds more events than that.
Result<std::uint64_t> most_events(Database& db) {
  auto bytes = first_number<EventSeq>(
      db.query("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"));
  if (!bytes) return std::move(bytes).error();
  return bytes->value / kLeastEventBytes;
}

// The last one that something else names: nobody noted how far numbers went.
Result<EventSeq> last_named(Database& db, EventSeq limit) {
  EventSeq last;
  const auto note = [&](Query&& query) -> Result<void> {
    auto one = if_readable(std::move(query));
    if (!one) return std::move(one).error();
    if (*one <= limit) last = std::max(last, *one);
    return {};
  };
  EXPOSEE_TRY(note(db.query("SELECT max(event) FROM delivery WHERE event <= ?1", limit)));
  EXPOSEE_TRY(note(db.query("SELECT max(event) FROM attempt WHERE event <= ?1", limit)));
  EXPOSEE_TRY(note(db.query("SELECT max(last_event) FROM backlog_pack WHERE last_event <= ?1", limit)));
  EXPOSEE_TRY(note(db.query("SELECT max(low_water) FROM shard_mark WHERE low_water <= ?1", limit)));
  EXPOSEE_TRY(note(db.query("SELECT max(low_water) FROM lane_mark WHERE low_water <= ?1", limit)));
  return last;
}

}  // namespace

Result<ReadableEnd> readable_end(Database& db, Behind what) {
  auto last = first_number<EventSeq>(db.query("SELECT max(seq) FROM event WHERE seq <= ?1", kLastCounted));
  if (last) return ReadableEnd{*last};
  if (!goes_on(what, last.error())) return std::move(last).error();
  auto before = behind_damage(db, {EventSeq{1}, kLastCounted}, Towards::older, what);
  if (!before) return std::move(before).error();
  if (!*before) return ReadableEnd{{}, true};
  last = first_number<EventSeq>(db.query("SELECT max(seq) FROM event WHERE seq <= ?1", **before));
  if (!last) return std::move(last).error();
  return ReadableEnd{*last, true};
}

Result<LastEvent> last_event(Database& db) {
  auto end = readable_end(db);
  if (!end) return std::move(end).error();
  auto noted = noted_last(db), removed = last_removed(db);
  if (!noted) return std::move(noted).error();
  if (!removed) return std::move(removed).error();
  auto last = std::max({end->last, *noted, *removed});
  if (!end->broken || *noted) return LastEvent{last, last, *removed};
  auto most = most_events(db);
  if (!most) return std::move(most).error();
  const EventSeq beyond{std::min(std::max(last, first_seq(1)).value + *most, kLastCounted.value)};
  auto named = last_named(db, beyond);
  if (!named) return std::move(named).error();
  return LastEvent{std::max(last, *named), beyond, *removed};
}

// --- the page -------------------------------------------------------------------------------------------

namespace {

// https://sqlite.org/fileformat.html, section 1.6.
constexpr unsigned char kLeaf = 13;
constexpr std::size_t kCellCountAt = 3, kContentAt = 5, kCellsOfLeaf = 8;
constexpr std::uint32_t kMostOfCell = 35;  // less than a page's usable bytes: a longer row goes on elsewhere

using Page = std::vector<unsigned char>;

void put_number(Page& page, std::size_t at, std::uint64_t number) {
  page[at] = static_cast<unsigned char>(number >> 8);
  page[at + 1] = static_cast<unsigned char>(number);
}

// Seven bits a byte, the highest first.
void put_varint(Page& page, std::size_t& at, std::uint64_t number) {
  int bytes = 1;
  while (number >> (7 * bytes) != 0) ++bytes;
  for (; bytes > 0; --bytes) {
    const auto bits = static_cast<unsigned char>(number >> (7 * (bytes - 1)) & 0x7F);
    page[at++] = static_cast<unsigned char>(bits | (bytes > 1 ? 0x80 : 0));
  }
}

}  // namespace

// With one row, as large as a page holds, of nothing.
std::vector<unsigned char> full_leaf(std::uint32_t usable, EventSeq last) {
  constexpr std::size_t kMostVarint = 9;
  Page page(usable);
  const std::uint32_t row = usable - kMostOfCell;
  const std::size_t begin = usable - row - 2 * kMostVarint;
  page[0] = kLeaf;
  put_number(page, kCellCountAt, 1);
  put_number(page, kContentAt, begin);
  put_number(page, kCellsOfLeaf, begin);
  std::size_t at = begin;
  put_varint(page, at, row);
  put_varint(page, at, last.value);
  page[at] = 1;  // the length of its header, which names no column
  return page;
}

namespace {

// From the root of the table to the page of the last event up to that one, or to one of these that cannot be
// read.
struct Way {
  std::uint64_t pages = 0;
  bool whole = false;
};
Result<Way> way_to(Database& db, EventSeq last) {
  db.forget_pages();
  const auto before = db.pages_read();
  const auto found = first_number<EventSeq>(db.query("SELECT max(seq) FROM event WHERE seq <= ?1", last));
  if (!found && !is_of_one_place(found.error())) return found.error();
  return Way{db.pages_read() - before, found.has_value()};
}

}  // namespace

// The way to the last event that can be read is as long as that to the page, if that is a leaf.
Result<std::optional<BrokenPage>> broken_last_page(Database& db) {
  const auto last = first_number<EventSeq>(db.query("SELECT max(seq) FROM event"));
  if (last) return std::optional<BrokenPage>{};
  if (!is_of_one_place(last.error())) return last.error();
  auto way = way_to(db, kLastPossible);
  if (!way) return std::move(way).error();
  if (way->whole || db.unread_page() == 0) return std::optional<BrokenPage>{};
  BrokenPage broken{db.unread_page(), Instant::min()};
  auto end = readable_end(db, Behind::all_unread);
  if (!end) return std::move(end).error();
  if (!end->last) return std::optional<BrokenPage>{};
  auto beside = way_to(db, end->last);
  if (!beside) return std::move(beside).error();
  if (!beside->whole || beside->pages != way->pages) return std::optional<BrokenPage>{};
  auto query = db.query("SELECT accepted_at FROM event WHERE seq = ?1", end->last);
  if (query.step()) broken.accepted_at = query.instant(0);
  EXPOSEE_TRY(query.result());
  return std::optional(broken);
}

}  // namespace exposee::store
