// Lists over data with a damaged page: what can be read is listed, and what cannot is named.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "fakes/test_directory.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::store {
namespace {

constexpr std::uint64_t kEvents = 600, kDamaged = 300;
constexpr EndpointNumber kEndpoint{1};

constexpr EventSeq seq(std::uint64_t n) {
  return EventSeq{first_seq(1).value + n};
}
Instant at(std::uint64_t n) {
  return from_micros(1'746'590'590'000'000 + static_cast<std::int64_t>(n) * 1'000'000);
}
EventRef event(std::uint64_t n) {
  std::array<std::uint8_t, 10> noise{};
  const auto body = "body of " + std::to_string(n) + ":" + std::string(400, 'x');
  return std::make_shared<const Event>(Event{seq(n), EventId{uuid_v7(at(n), noise)}, TypeNumber{1}, RegistryVersion{1},
                                             at(n), "a", body});
}

struct Told : RowTroubleSink {
  void row_in_trouble(const RowTrouble& trouble) override { told.insert(trouble.table + " " + trouble.row); }
  std::set<std::string> told;
};

class DamagedLists : public testing::Test {
 protected:
  DamagedLists() {
    auto store = *SqliteStore::open(directory_.path(), {.durable = false});
    const RegistryChanges changes{.types = {{TypeNumber{1}, "a", "", {}}},
                                  .subscriptions = {{"a", kEndpoint, RegistryVersion{1}, {}}}};
    std::vector<EventRef> events;
    for (std::uint64_t n = 0; n < kEvents; ++n) events.push_back(event(n));
    EXPECT_TRUE(store->write({.events = events, .registry = &changes}));
    const std::vector failed{row(kDamaged), row(kDamaged - 100)};
    EXPECT_TRUE(store->write({.deliveries = failed}));
  }
  static DeliveryRow row(std::uint64_t n) {
    return {.key = {seq(n), kEndpoint}, .status = DeliveryStatus::exhausted, .cause = Cause::http, .updated_at = at(n)};
  }

  // Turns over a bit of the page that holds the text.
  void damage(const std::string& text) {
    std::fstream file(directory_.path() + "/exposee.db", std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto found = bytes.find(text);
    ASSERT_NE(found, std::string::npos);
    file.seekp(static_cast<std::streamoff>(found));
    file.put(static_cast<char>(bytes[found] ^ 1));
  }
  void open() {
    store_ = *SqliteStore::open(directory_.path(), {.durable = false, .troubles = &told_});
    reader_ = *store_->open_reader();
  }

  // All pages; what the last one is refused for, if it is.
  std::vector<EventSeq> events(EventFilter filter, ErrorCode& refused) {
    std::vector<EventSeq> all;
    for (filter.limit = 50;;) {
      const auto page = reader_->events(filter);
      if (!page) return refused = page.error().code, all;
      for (const auto& event : page->events) all.push_back(event.seq);
      if (!page->next) return all;
      filter.before = page->next;
    }
  }
  std::vector<EventSeq> deliveries(DeliveryFilter filter, ErrorCode& refused) {
    std::vector<EventSeq> all;
    for (filter.limit = 50;;) {
      const auto page = reader_->deliveries(filter);
      if (!page) return refused = page.error().code, all;
      for (const auto& delivery : page->deliveries) all.push_back(delivery.row.key.event);
      if (!page->next) return all;
      filter.before = page->next;
    }
  }
  // A page of events is missing, and it is that one.
  static void expect_one_page_missing(const std::vector<EventSeq>& all) {
    EXPECT_GT(all.size(), kEvents - 12);
    EXPECT_LT(all.size(), kEvents);
    EXPECT_TRUE(std::ranges::is_sorted(all, std::ranges::greater{}));
    EXPECT_EQ(std::ranges::find(all, seq(kDamaged)), all.end());
    EXPECT_EQ(all.front(), seq(kEvents - 1));
    EXPECT_EQ(all.back(), seq(0));
  }

  Told told_;
  fakes::TestDirectory directory_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Reader> reader_;
};

TEST_F(DamagedLists, OfEventsGoOnBehindAPageAndNameIt) {
  damage("body of 300:");
  open();
  ErrorCode refused{};
  expect_one_page_missing(events({}, refused));
  EXPECT_EQ(refused, ErrorCode{});
  const auto named = [](const std::string& row) { return row.starts_with("event ") && row.contains(" to "); };
  EXPECT_EQ(std::ranges::count_if(told_.told, named), 1) << *told_.told.rbegin();
}

// All that a start reads of events: each is read, or named.
TEST_F(DamagedLists, AStartGoesOnBehindAPageAndNamesEachOfItsEvents) {
  damage("body of 300:");
  open();
  std::vector<EventSeq> read, unreadable;
  for (EventSeq after{};;) {
    const auto page = store_->load_events_after(after, 50);
    ASSERT_TRUE(page) << page.error().message;
    const auto begun = after;
    for (const auto& one : page->events) read.push_back(after = one->seq);
    if (page->unreadable) unreadable.push_back(after = *page->unreadable);
    if (after == begun) break;
  }
  EXPECT_GT(unreadable.size(), 2u);
  EXPECT_LT(unreadable.size(), 12u);
  EXPECT_EQ(read.size() + unreadable.size(), kEvents);
  EXPECT_NE(std::ranges::find(unreadable, seq(kDamaged)), unreadable.end());
  EXPECT_EQ(read.back(), seq(kEvents - 1));
  for (const auto one : unreadable) {
    EXPECT_TRUE(told_.told.contains("event " + std::to_string(one.value))) << one.value;
    EXPECT_TRUE(store_->load_events(std::vector{one}, 1 << 20)->events.empty()) << one.value << " is sound";
    EXPECT_TRUE(reader_->load_events(std::vector{one}, 1 << 20)->events.empty()) << one.value << " is sound";
  }
}

TEST_F(DamagedLists, OfDeliveriesGoOnBehindAPage) {
  damage("body of 300:");
  open();
  ErrorCode refused{};
  expect_one_page_missing(deliveries({}, refused));
  EXPECT_EQ(deliveries({.status = DeliveryStatus::exhausted}, refused), std::vector{seq(kDamaged - 100)});
  EXPECT_EQ(refused, ErrorCode{});
}

TEST_F(DamagedLists, WhatIsLookedForByTimeOrIdIsFoundAllTheSame) {
  damage("body of 300:");
  open();
  ErrorCode refused{};
  expect_one_page_missing(events({}, refused));
  for (std::uint64_t n = 0; n < kEvents; ++n) {
    const bool lost = n > kDamaged - 12 && n < kDamaged + 12;
    if (lost) continue;
    EXPECT_TRUE(reader_->event(event(n)->id)) << n;
  }
  EXPECT_EQ(events({.since = at(100), .until = at(kDamaged + 100)}, refused).front(), seq(kDamaged + 99));
  EXPECT_EQ(events({.since = at(kDamaged + 20)}, refused).back(), seq(kDamaged + 20));
  EXPECT_EQ(refused, ErrorCode{});
}

// Whether something that its endpoint unsubscribed from waits is asked of the first event that does.
TEST_F(DamagedLists, OfWhatWaitsRefuseNoStart) {
  open();
  const RegistryChanges closed{.version = RegistryVersion{2},
                               .subscriptions = {{"a", kEndpoint, RegistryVersion{1}, RegistryVersion{2}}}};
  const std::vector waiting{DeliveryRow{.key = {seq(kDamaged + 1), kEndpoint}, .due = at(0)}};
  ASSERT_TRUE(store_->write({.deliveries = waiting, .registry = &closed}));
  reader_.reset();
  store_.reset();
  damage("body of 301:");
  open();
  const auto start = store_->load_start();
  ASSERT_TRUE(start) << start.error().message;
  EXPECT_EQ(start->cut_off, std::vector{kEndpoint}) << "it may be";
}

TEST_F(DamagedLists, WhoAsksForWhatLiesBehindTheEndOfWhatCanBeReadIsTold) {
  open();  // a start looks at the oldest event
  damage("body of 0:");
  reader_ = *store_->open_reader();
  ErrorCode refused{};
  const auto all = events({}, refused);
  EXPECT_GT(all.size(), kEvents - 12);
  EXPECT_EQ(refused, ErrorCode::damaged);
}

}  // namespace
}  // namespace exposee::store
