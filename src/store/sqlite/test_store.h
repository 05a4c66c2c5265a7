// A store in a directory with events in it, for the tests of its files. Test thread only.
#pragma once

#include <gtest/gtest.h>

#include <array>
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

inline std::uint64_t count(SqliteStore& store) {
  return store.load_events_after({}, 1'000'000)->events.size();
}

}  // namespace exposee::store
