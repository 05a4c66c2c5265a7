// What a damaged event says of itself ends nothing that may be owed.
#include "store/sqlite/housekeeping/unsubscribed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "fakes/test_directory.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::store {
namespace {

constexpr EndpointNumber kEndpoint{1};
constexpr TypeNumber kLeft{1}, kKept{2};  // types; the endpoint unsubscribed the first
constexpr std::uint64_t kEvents = 40;
constexpr std::array<std::uint8_t, 10> kNoise{};

constexpr EventSeq seq(std::uint64_t n) {
  return EventSeq{first_seq(1).value + n - 1};
}
Instant at(std::uint64_t n) {
  return from_micros(1'746'590'590'000'000 + static_cast<std::int64_t>(n) * 1'000'000);
}

// Two of three events are of the type that was unsubscribed; each waits in the pack.
class Unsubscribed : public testing::Test {
 protected:
  void fill(std::size_t body_bytes) {
    const Subscription left{"left", kEndpoint, RegistryVersion{1}, RegistryVersion{2}};
    const RegistryChanges changes{.types = {{kLeft, "left", "", {}}, {kKept, "kept", "", {}}},
                                  .subscriptions = {left, {"kept", kEndpoint, RegistryVersion{1}, {}}}};
    std::vector<EventRef> events;
    BacklogPack pack{kEndpoint, {}};
    for (std::uint64_t n = 1; n <= kEvents; ++n) {
      events.push_back(event(n, body_bytes));
      pack.events.add(seq(n));
    }
    ASSERT_TRUE(store_->write({.events = events, .registry = &changes, .packs = {&pack, 1}}));
  }
  static EventRef event(std::uint64_t n, std::size_t body_bytes) {
    const auto type = is_kept(n) ? kKept : kLeft;
    return std::make_shared<const Event>(Event{seq(n), EventId{uuid_v7(at(n), kNoise)}, type,
                                               RegistryVersion{1}, at(n), is_kept(n) ? "kept" : "left",
                                               std::string(body_bytes, 'x')});
  }
  static bool is_kept(std::uint64_t n) { return n % 3 == 0; }

  // An event of the other type says that it is of the one that was unsubscribed.
  void damage(std::uint64_t n) {
    ASSERT_TRUE(is_kept(n));
    auto other = *Database::open(directory_.path() + "/" + kDataFileName, {});
    ASSERT_TRUE(other->query("UPDATE event SET type = ?1 WHERE seq = ?2", kLeft, seq(n)).run());
  }
  // Until all of it is looked through: its events at the end. `steps`: in how many.
  std::vector<EventSeq> sift(int& steps) {
    PackStretch pack{seq(1), seq(kEvents)};
    for (steps = 1;; ++steps) {
      const auto sifted = store_->sift({}, kEndpoint, {&pack, 1});
      EXPECT_TRUE(sifted);
      const auto& last = sifted->back();
      unowed_ += last.unowed;
      if (!last.more) return last.left.events();
      pack = {last.left.first(), last.left.last()};
    }
  }

  void wait_in_rows() {
    std::vector<DeliveryRow> rows;
    for (std::uint64_t n = 1; n <= kEvents; ++n)
      rows.push_back({.key = {seq(n), kEndpoint}, .attempts = 1, .due = at(n), .updated_at = at(n)});
    ASSERT_TRUE(store_->write({.deliveries = rows}));
  }
  // Until all rows are looked at: those that ended.
  std::vector<EventSeq> end_rows(int& steps) {
    std::vector<EventSeq> ended;
    std::pair<Instant, EventSeq> place{Instant::min(), EventSeq{}};
    for (steps = 1;; ++steps) {
      const auto step = store_->end_unowed({}, kEndpoint, place, {}, 16, at(100));
      EXPECT_TRUE(step);
      ended.insert(ended.end(), step->ended.begin(), step->ended.end());
      if (!step->next) return ended;
      place = *step->next;
    }
  }

  const fakes::TestDirectory directory_;
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::open(directory_.path(), {.durable = false});
  std::uint64_t unowed_ = 0;
};

TEST_F(Unsubscribed, IsTakenOutOfAPackButForWhatMayBeWrong) {
  fill(100);
  damage(6);
  int steps = 0;
  const auto left = sift(steps);
  EXPECT_EQ(steps, 1);
  EXPECT_EQ(left.size(), kEvents / 3);
  EXPECT_EQ(unowed_, kEvents - kEvents / 3);
  EXPECT_TRUE(std::ranges::binary_search(left, seq(6)));
}

TEST_F(Unsubscribed, OfLargeEventsIsReadInSeveralSteps) {
  fill(256u << 10);
  int steps = 0;
  EXPECT_EQ(sift(steps).size(), kEvents / 3);
  EXPECT_GE(steps, 2) << "4 MiB in one";
  EXPECT_LE(steps, 3);
  EXPECT_EQ(unowed_, kEvents - kEvents / 3);
}

TEST_F(Unsubscribed, RowsOfItEndButThoseOfWhatMayBeWrong) {
  fill(100);
  wait_in_rows();
  damage(6);
  int steps = 0;
  const auto ended = end_rows(steps);
  EXPECT_EQ(steps, 3) << "16 rows in one";
  EXPECT_EQ(ended.size(), kEvents - kEvents / 3);
  EXPECT_EQ(std::ranges::find(ended, seq(6)), ended.end());
}

TEST_F(Unsubscribed, RowsOfLargeEventsEndInMoreSteps) {
  fill(512u << 10);
  wait_in_rows();
  int steps = 0;
  EXPECT_EQ(end_rows(steps).size(), kEvents - kEvents / 3);
  EXPECT_GE(steps, 4) << "4 MiB in one";
}

// Of the page that holds the event, a bit.
void damage_page(const std::string& path, EventSeq event, std::uint64_t n) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto id = uuid_v7(at(n), kNoise);
  const auto found = bytes.find(std::string(id.begin(), id.end()));
  ASSERT_NE(found, std::string::npos) << event.value;
  file.seekp(static_cast<std::streamoff>(found));
  file.put(static_cast<char>(bytes[found] ^ 1));
}

TEST_F(Unsubscribed, BesideADamagedPageTheOthersAreTakenOutAndEnd) {
  fill(420);
  store_.reset();
  damage_page(directory_.path() + "/" + kDataFileName, seq(20), 20);
  store_ = *SqliteStore::open(directory_.path(), {.durable = false});
  int steps = 0;
  const auto left = sift(steps);
  EXPECT_TRUE(std::ranges::binary_search(left, seq(20)));
  EXPECT_FALSE(std::ranges::binary_search(left, seq(1)));
  EXPECT_GT(unowed_, kEvents / 3);
  wait_in_rows();
  const auto ended = end_rows(steps);
  EXPECT_GT(ended.size(), kEvents / 3);
  EXPECT_EQ(std::ranges::find(ended, seq(20)), ended.end());
}

TEST_F(Unsubscribed, WhatMayBeWrongIsNotTakenForUnowedWhenItIsReadEither) {
  fill(100);
  damage(6);
  const std::vector<EventSeq> some{seq(3), seq(4), seq(6)};
  const auto page = store_->load_owed(kEndpoint, some, 1u << 20);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->events.size(), 1u);
  EXPECT_EQ(page->unowed, 1u);
  EXPECT_EQ(page->unreadable, std::vector{seq(6)});
}

}  // namespace
}  // namespace exposee::store
