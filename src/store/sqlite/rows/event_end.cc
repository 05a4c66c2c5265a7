#include "store/sqlite/rows/event_end.h"

#include <algorithm>
#include <vector>

#include "store/sqlite/rows/event_rows.h"
#include "store/sqlite/rows/numbers.h"

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

Result<ReadableEnd> readable_end(Database& db) {
  auto last = first_number<EventSeq>(db.query("SELECT max(seq) FROM event WHERE seq <= ?1", kLastCounted));
  if (last) return ReadableEnd{*last};
  if (last.error().code != ErrorCode::damaged) return std::move(last).error();
  auto before = behind_damage(db, {EventSeq{1}, kLastCounted}, Towards::older);
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
constexpr unsigned char kInner = 5, kLeaf = 13;
constexpr std::size_t kCellCountAt = 3, kContentAt = 5, kRightmostAt = 8, kCellsOfInner = 12,
                      kCellsOfLeaf = 8;
constexpr std::uint32_t kMostOfCell = 35;  // less than a page's usable bytes: a longer row goes on elsewhere
constexpr int kDeepest = 20;               // SQLite's own limit of a tree

using Page = std::vector<unsigned char>;

std::uint32_t number_at(const Page& page, std::size_t at, std::size_t bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = at; i < at + bytes && i < page.size(); ++i) number = number << 8 | page[i];
  return number;
}

// Some child of the page that can be read is a leaf, and so all of them are.
Result<bool> has_leaves(Database& db, const Page& parent, std::uint64_t but) {
  for (std::uint32_t i = number_at(parent, kCellCountAt, 2); i > 0; --i) {
    const auto cell = number_at(parent, kCellsOfInner + 2 * (std::size_t{i} - 1), 2);
    const auto child = number_at(parent, cell, 4);
    auto page = db.page_as_it_is(child);
    if (!page) return std::move(page).error();
    if (child != but && page->whole) return page->bytes[0] == kLeaf;
  }
  return false;
}

Result<bool> is_last_leaf(Database& db, std::uint64_t page) {
  auto root = first_number<EventSeq>(db.query("SELECT rootpage FROM sqlite_schema WHERE name = 'event'"));
  if (!root) return std::move(root).error();
  auto at = root->value;
  for (int depth = 0; depth < kDeepest; ++depth) {
    auto here = db.page_as_it_is(at);
    if (!here) return std::move(here).error();
    if (!here->whole || here->bytes[0] != kInner) return false;
    at = number_at(here->bytes, kRightmostAt, 4);
    if (at == page) return has_leaves(db, here->bytes, page);
  }
  return false;
}

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

// With one row, as large as a page holds, of nothing.
Page full_leaf(std::uint32_t usable, EventSeq last) {
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

}  // namespace

Result<std::optional<BrokenPage>> broken_last_page(Database& db) {
  auto last = first_number<EventSeq>(db.query("SELECT max(seq) FROM event"));
  if (last) return std::optional<BrokenPage>{};
  if (last.error().code != ErrorCode::damaged) return std::move(last).error();
  BrokenPage broken{db.damaged_page(), Instant::min()};
  if (broken.page == 0) return std::optional<BrokenPage>{};
  auto leaf = is_last_leaf(db, broken.page);
  if (!leaf) return std::move(leaf).error();
  if (!*leaf) return std::optional<BrokenPage>{};
  auto end = readable_end(db);
  if (!end) return std::move(end).error();
  if (!end->last) return std::optional(broken);
  auto query = db.query("SELECT accepted_at FROM event WHERE seq = ?1", end->last);
  if (query.step()) broken.accepted_at = query.instant(0);
  EXPOSEE_TRY(query.result());
  return std::optional(broken);
}

bool is_end_unreadable(Database& db) {
  const auto last = first_number<EventSeq>(db.query("SELECT max(seq) FROM event"));
  return !last && last.error().code == ErrorCode::damaged;
}

FullPage::FullPage(Database& db, std::uint64_t page, EventSeq last) : db_(db) {
  db_.read_instead(page, full_leaf(db_.usable_page_bytes(), last));
}

}  // namespace exposee::store
