// A store in a directory with events in it, for the tests of its files. Test thread only.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "store/sqlite/sqlite_store.h"

namespace exposee::store {

inline EventRef event_of(std::uint64_t n, std::size_t body_bytes = 420) {
  const auto accepted_at = from_micros(1'746'590'590'000'000 + static_cast<std::int64_t>(n) * 1000);
  std::array<std::uint8_t, 10> noise{};
  noise[0] = static_cast<std::uint8_t>(n);
  return std::make_shared<const Event>(
      Event{EventSeq{first_seq(1).value + n - 1}, EventId{uuid_v7(accepted_at, noise)}, TypeNumber{1},
            RegistryVersion{1}, accepted_at, "", std::string(body_bytes, static_cast<char>('a' + n % 26))});
}

inline std::vector<EventRef> events_from(std::uint64_t first, std::uint64_t count) {
  std::vector<EventRef> events;
  for (std::uint64_t n = first; n < first + count; ++n) events.push_back(event_of(n));
  return events;
}

inline Result<void> commit(SqliteStore& store, const Turn& turn) {
  auto written = store.write(turn);
  return written ? Result<void>{} : std::move(written).error;
}

inline Result<void> commit_events(SqliteStore& store, const std::vector<EventRef>& events) {
  return commit(store, {.events = events});
}

// An event is read with the name of its type.
inline void declare_type(SqliteStore& store) {
  if (!store.load_start()->types.empty()) return;
  const RegistryChanges changes{.types = {{TypeNumber{1}, "user_registered", "", {}}}};
  EXPECT_TRUE(commit(store, {.durability = Durability::with_next, .registry = &changes}));
}

inline std::unique_ptr<SqliteStore> must_open(const std::string& path, const SqliteOptions& options = {}) {
  auto store = SqliteStore::open(path, options);
  EXPECT_TRUE(store) << store.error().message;
  declare_type(**store);
  return *std::move(store);
}

// The n-th page of the data, counted from 1, that holds rows of the table or the index, in their order.
inline std::int64_t leaf_page(const std::string& file, const std::string& table, int n) {
  const auto db = *Database::open(file, {.read_only = true});
  auto query = db->query(
      "SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET ?2",
      table, n);
  EXPECT_TRUE(query.step()) << table << " has no such page";
  return query.integer(0);
}

// Turns a bit over in it; the same again mends it. What is in the log is not seen.
inline void turn_bit(const std::string& file, std::int64_t page) {
  constexpr std::streamoff kPageBytes = 4096, kAnywhere = 2000;
  std::fstream data(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto at = (page - 1) * kPageBytes + kAnywhere;
  char byte = 0;
  data.seekg(at).get(byte);
  data.seekp(at).put(static_cast<char>(byte ^ 1));
  ASSERT_TRUE(data.good());
}
inline void damage_page(const std::string& file, const std::string& table, int n) {
  turn_bit(file, leaf_page(file, table, n));
}

struct CollectedTroubles final : RowTroubleSink {
  void row_in_trouble(const RowTrouble& trouble) override { rows.push_back(trouble.table + " " + trouble.row); }
  std::ptrdiff_t of(const std::string& table) const {
    return std::ranges::count_if(rows, [&](const auto& row) { return row.starts_with(table + " "); });
  }
  std::vector<std::string> rows;
};

inline std::uint64_t count(SqliteStore& store) {
  return store.load_events_after({}, 1'000'000)->events.size();
}

}  // namespace exposee::store
