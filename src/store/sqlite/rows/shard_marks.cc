#include "store/sqlite/rows/shard_marks.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "store/sqlite/rows/numbers.h"

namespace exposee::store {

static_assert(kShards == 64, "the statements here and migrations.cc say so");

namespace {

constexpr const char* kWrittenAnew = "they cannot be read; they are written anew as they are known";

// https://sqlite.org/fileformat.html, section 1.6: a page of a table without rows.
std::vector<unsigned char> empty_leaf(std::uint32_t usable) {
  constexpr unsigned char kLeaf = 13;
  constexpr std::size_t kContentAt = 5;
  std::vector<unsigned char> page(usable);
  page[0] = kLeaf;
  page[kContentAt] = static_cast<unsigned char>(usable >> 8);
  page[kContentAt + 1] = static_cast<unsigned char>(usable);
  return page;
}

}  // namespace

// Only those that are there are counted: a row that is missing is at the beginning.
Result<void> ShardMarks::load() {
  stored_.fill({});
  auto rows = db_.query("SELECT shard, low_water FROM shard_mark WHERE shard BETWEEN 0 AND 63");
  while (rows.step()) stored_[rows.as<std::uint64_t>(0)] = rows.number<EventSeq>(1);
  if (!rows.is_unreadable()) EXPOSEE_TRY(rows.result());
  unread_ = rows.is_unreadable();
  if (unread_) stored_.fill({});
  now_ = stored_;
  return {};
}

Result<void> ShardMarks::put(ShardSet shards, const ByShard& upto) {
  for (unsigned shard = 0; shard < kShards; ++shard) {
    if (shards.has_shard(shard)) now_[shard] = upto[shard];
  }
  putting_ = true;
  return unread_ ? put_shard_marks_anew(db_, now_) : update(shards);
}

EventSeq ShardMarks::highest(ShardSet shards) const {
  EventSeq highest;
  for (unsigned shard = 0; shard < kShards; ++shard) {
    if (shards.has_shard(shard)) highest = std::max(highest, now_[shard]);
  }
  return highest;
}

// Most are alike.
Result<void> ShardMarks::update(ShardSet shards) {
  const auto bits = shards.bits();
  const auto first = static_cast<unsigned>(std::countr_zero(bits));
  const auto most = highest(shards);
  EXPOSEE_TRY(db_.query("UPDATE shard_mark SET low_water = -1 WHERE shard = ?1", first).run());
  EXPOSEE_TRY(db_.query("UPDATE shard_mark SET low_water = ?1 WHERE ?2 >> shard & 1", most, bits).run());
  for (unsigned shard = 0; shard < kShards; ++shard) {
    if (!shards.has_shard(shard) || now_[shard] == most) continue;
    EXPOSEE_TRY(db_.query("UPDATE shard_mark SET low_water = ?1 WHERE shard = ?2", now_[shard], shard).run());
  }
  return {};
}

void ShardMarks::settle() {
  if (std::exchange(putting_, false)) unread_ = false;
  stored_ = now_;
}

void ShardMarks::forget() {
  putting_ = false;
  now_ = stored_;
}

bool ShardMarks::see_to_damage() {
  if (unread_) return false;
  auto rows = db_.query("SELECT sum(low_water) FROM shard_mark");
  rows.step();
  unread_ = rows.is_unreadable();
  if (unread_) db_.tell({"shard_mark", "of all shards", kWrittenAnew});
  return unread_;
}

// There is room for them on one page.
Result<void> put_shard_marks_anew(Database& db, const ByShard& marks) {
  auto page =
      first_number<EventSeq>(db.query("SELECT rootpage FROM sqlite_schema WHERE name = 'shard_mark'"));
  if (!page) return std::move(page).error();
  const ShownInstead empty(db, page->value, empty_leaf(db.usable_page_bytes()));
  for (unsigned shard = 0; shard < kShards; ++shard) {
    EXPOSEE_TRY(db.query("INSERT OR REPLACE INTO shard_mark VALUES (?1, ?2)", shard, marks[shard]).run());
  }
  return {};
}

}  // namespace exposee::store
