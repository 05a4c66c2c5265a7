// The last page of events is damaged, the one that every new event needs: what is on it is named and lost,
// its numbers are not given again, and everything else goes on.
#include "store/sqlite/rows/event_end.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "fakes/test_directory.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/test_store.h"

namespace exposee::store {
namespace {

constexpr std::uint64_t kEvents = 600;
constexpr std::uint64_t kMostOnPage = 12;

constexpr EventSeq seq(std::uint64_t n) {
  return EventSeq{first_seq(1).value + n - 1};
}

struct Told : RowTroubleSink {
  void row_in_trouble(const RowTrouble& trouble) override { told.insert(trouble.table + " " + trouble.row); }
  std::set<std::string> told;
};

class BrokenEnd : public testing::Test {
 protected:
  // As many turns, so that each note is there.
  void fill(std::uint64_t events, std::uint64_t first = 1) {
    const auto store = must_open(directory_.path());
    for (std::uint64_t n = 0; n < events; n += 10) {
      const auto count = std::min<std::uint64_t>(10, events - n);
      ASSERT_TRUE(commit(*store, {.marker = {.turn = n + 1}, .events = events_from(first + n, count)}));
    }
  }
  std::string file() const { return directory_.path() + "/exposee.db"; }
  // Turns over a bit of the page that holds the event.
  void damage(std::uint64_t n) {
    const auto id = event_of(n)->id.bits;
    std::fstream from(file(), std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(from), {}};
    const auto found = bytes.find(std::string(id.begin(), id.end()));
    ASSERT_NE(found, std::string::npos);
    from.seekp(static_cast<std::streamoff>(found + id.size() + 100));
    from.put(static_cast<char>(bytes[found + id.size() + 100] ^ 1));
  }
  void open() {
    auto store = SqliteStore::open(directory_.path(), {.durable = false, .troubles = &told_});
    ASSERT_TRUE(store) << store.error().message;
    store_ = *std::move(store);
  }
  void close() { store_.reset(); }
  void execute(const std::string& sql) {
    const auto db = *Database::open(file(), {});
    ASSERT_TRUE(db->execute(sql));
  }

  // All that a start reads of events behind one.
  struct Found {
    std::vector<EventSeq> read, unreadable;
  };
  Found walk(EventSeq after = {}) {
    Found found;
    for (bool more = true; more;) {
      const auto page = store_->load_events_after(after, 50);
      EXPECT_TRUE(page) << page.error().message;
      if (!page) break;
      const auto begun = after;
      for (const auto& one : page->events) found.read.push_back(after = one->seq);
      if (page->unreadable) found.unreadable.push_back(after = *page->unreadable);
      more = after > begun;
    }
    return found;
  }
  Result<void> add(std::uint64_t n) {
    return commit(*store_, {.marker = {.turn = n}, .events = events_from(n, 1)});
  }

  Told told_;
  fakes::TestDirectory directory_;
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(BrokenEnd, AStartNamesWhatIsOnThePageAndNumbersGoOnBehindIt) {
  fill(kEvents);
  damage(kEvents);
  open();
  EXPECT_EQ(store_->load_start()->last_event, seq(kEvents));
  const auto found = walk();
  EXPECT_EQ(found.read.size() + found.unreadable.size(), kEvents);
  EXPECT_GT(found.unreadable.size(), 2u);
  EXPECT_LT(found.unreadable.size(), kMostOnPage);
  EXPECT_EQ(found.unreadable.back(), seq(kEvents));
  for (const auto one : found.unreadable)
    EXPECT_TRUE(told_.told.contains("event " + std::to_string(one.value)));
}

TEST_F(BrokenEnd, NewEventsAreStoredBehindThePageWhichStaysAsItIs) {
  fill(kEvents);
  damage(kEvents);
  open();
  const auto lost = walk().unreadable.size();
  for (std::uint64_t n = kEvents + 1; n <= kEvents + 50; ++n) ASSERT_TRUE(add(n)) << n;
  ASSERT_TRUE(commit(*store_, {.marker = {.turn = 1'000}, .events = events_from(kEvents + 51, 100)}));
  for (int life = 0; life < 2; ++life) {
    const auto found = walk();
    EXPECT_EQ(found.read.size(), kEvents + 150 - lost);
    EXPECT_EQ(found.unreadable.size(), lost);
    EXPECT_EQ(store_->load_start()->last_event, seq(kEvents + 150));
    EXPECT_TRUE(store_->load_events(std::vector{seq(kEvents)}, 1 << 20)->events.empty());
    close();
    open();
  }
  close();
  const auto accepted = accept_data(directory_.path());
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_EQ(accepted->pages.size(), 1u);
  open();
  EXPECT_EQ(walk().read.size(), kEvents + 149) << "all but the one that was changed";
  close();
  const auto backup = back_up(directory_.path(), directory_.path() + "/backup", {});
  ASSERT_TRUE(backup) << backup.error().message;
  EXPECT_EQ(backup->events, kEvents + 150);
}

// The page that breaks while the store is open. The writer has read it before, and looks at it again once memory
// has no room for it.
class BreakingEnd : public BrokenEnd {
 protected:
  static constexpr std::size_t kMoreThanMemoryHolds = 6 << 20;
  void SetUp() override {
    ASSERT_TRUE(commit_events(*must_open(directory_.path()), {event_of(1, kMoreThanMemoryHolds)}));
    fill(kEvents - 1, 2);
    open();
    damage(kEvents);
    ASSERT_EQ(store_->load_events(std::vector{seq(1)}, SIZE_MAX)->events.size(), 1u);
  }
};

TEST_F(BreakingEnd, RefusesNoTurn) {
  for (std::uint64_t n = kEvents + 1; n <= kEvents + 50; ++n) ASSERT_TRUE(add(n)) << n;
  const auto found = walk();
  EXPECT_GT(found.unreadable.size(), 2u);
  EXPECT_EQ(found.read.size() + found.unreadable.size(), kEvents + 50);
}

// A list, a backup: what has been written meanwhile is in the log alone, pages of the table among it.
TEST_F(BreakingEnd, IsMendedWhileALongReadHoldsTheLog) {
  const auto reader = *Database::open(file(), {.read_only = true});
  {
    Snapshot snapshot(*reader);
    ASSERT_TRUE(snapshot.begin());
    ASSERT_TRUE(reader->query("SELECT 1 FROM meta").step());
    ASSERT_TRUE(commit(*store_, {.failing = std::vector<FailingDaysRow>{{EndpointNumber{1}, {}}}}));
    for (std::uint64_t n = kEvents + 1; n <= kEvents + 50; ++n) ASSERT_TRUE(add(n)) << n;
  }
  const auto found = walk();
  EXPECT_GT(found.unreadable.size(), 2u);
  EXPECT_EQ(found.read.size() + found.unreadable.size(), kEvents + 50);
}

TEST_F(BrokenEnd, ATurnThatIsTakenBackIsWrittenAgain) {
  fill(kEvents);
  damage(kEvents);
  open();
  const auto begun = walk();
  EXPECT_FALSE(commit(*store_, {.marker = {.turn = 900},
                                .events = std::vector{event_of(kEvents + 1), event_of(kEvents + 1)}}))
      << "one number twice";
  EXPECT_EQ(walk().unreadable, begun.unreadable);
  ASSERT_TRUE(add(kEvents + 1));
  EXPECT_EQ(walk().unreadable, begun.unreadable);
  EXPECT_EQ(walk().read.back(), seq(kEvents + 1));
}

TEST_F(BrokenEnd, ListsShowWhatCanBeRead) {
  fill(kEvents);
  damage(kEvents);
  open();
  const auto lost = walk().unreadable.size();
  const auto reader = *store_->open_reader();
  const auto newest = [&](EventFilter filter) {
    const auto page = reader->events(filter);
    EXPECT_TRUE(page) << page.error().message;
    return page->events.front().seq;
  };
  EXPECT_EQ(newest({}), seq(kEvents - lost));
  EXPECT_EQ(newest({.since = event_of(3)->accepted_at}), seq(kEvents - lost));
  ASSERT_TRUE(add(kEvents + 1));
  EXPECT_EQ(newest({}), seq(kEvents + 1));
  EXPECT_EQ(newest({.before = seq(kEvents + 1)}), seq(kEvents - lost));
  EXPECT_TRUE(reader->event(event_of(kEvents - lost)->id));
  const auto newest_by_id = reader->event(event_of(kEvents + 1)->id);
  EXPECT_TRUE(newest_by_id) << newest_by_id.error().message;
}

// Of an earlier version, say.
TEST_F(BrokenEnd, WhereNobodyNotedHowFarNumbersWentNewOnesBeginBeyondAllThatThereCanBe) {
  fill(kEvents);
  execute("UPDATE turn_marker SET last_event = 0");
  damage(kEvents);
  open();
  const auto last = store_->load_start()->last_event;
  EXPECT_GT(last, seq(kEvents));
  EXPECT_LT(last, seq(kEvents + 100'000));
  const auto found = walk();
  EXPECT_TRUE(found.unreadable.empty()) << "nobody knows their numbers";
  EXPECT_TRUE(told_.told.contains("event behind " + std::to_string(found.read.back().value)));
  auto next = std::make_shared<Event>(*event_of(kEvents + 1));
  next->seq = EventSeq{last.value + 1};
  ASSERT_TRUE(commit(*store_, {.marker = {.turn = 900}, .events = std::vector<EventRef>{next}}));
  EXPECT_EQ(walk().read.back(), next->seq);
  close();
  open();
  EXPECT_EQ(store_->load_start()->last_event, next->seq);
}

TEST_F(BrokenEnd, WhatIsWaitingNamesTheLastWhereNothingElseDoes) {
  fill(kEvents);
  execute(
      "UPDATE turn_marker SET last_event = 'x' WHERE 0; UPDATE turn_marker SET last_event = 0;"
      "INSERT INTO lane_mark VALUES (1, " +
      std::to_string(seq(kEvents - 1).value) + ")");
  damage(kEvents);
  open();
  EXPECT_EQ(walk().unreadable.back(), seq(kEvents - 1));
}

TEST_F(BrokenEnd, NumbersThatWereGivenAreNotGivenAgainWhenTheirRowsAreLost) {
  fill(kEvents);
  execute("DELETE FROM event WHERE seq > " + std::to_string(seq(500).value));
  open();
  EXPECT_EQ(store_->load_start()->last_event, seq(kEvents));
  EXPECT_TRUE(walk().unreadable.empty());
  ASSERT_TRUE(add(kEvents + 1));
}

// There is no page beside it, and none above it.
TEST_F(BrokenEnd, WhereAllEventsAreOnThatPageTheyAreNamedAndNewOnesAreRefused) {
  fill(4);
  damage(4);
  open();
  EXPECT_EQ(store_->load_start()->last_event, seq(4));
  EXPECT_EQ(walk().unreadable, (std::vector{seq(1), seq(2), seq(3), seq(4)}));
  EXPECT_TRUE((*store_->open_reader())->count_events()) << "a start asks for it";
  const auto refused = add(5);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::damaged);
  const RegistryChanges changes{.types = {{TypeNumber{2}, "b", "", {}}}};
  EXPECT_TRUE(commit(*store_, {.marker = {.turn = 900}, .registry = &changes})) << "all else is written";
}

// The first page that a start reads, when nothing says how far anybody is.
TEST_F(BrokenEnd, OfTheFirstPageEachEventIsNamedWhereverTheReadBegan) {
  fill(kEvents);
  damage(1);
  open();
  const auto all = walk(), behind = walk(EventSeq{seq(1).value - 1});
  EXPECT_EQ(all.read.size() + all.unreadable.size(), kEvents);
  EXPECT_GT(all.unreadable.size(), 2u);
  EXPECT_EQ(all.unreadable.front(), seq(1));
  EXPECT_EQ(all.unreadable, behind.unreadable);
}

// Retention has removed all but what is there, and some of it may have stayed.
TEST_F(BrokenEnd, OfNumbersThatMayBeGoneThoseThatAreThereAreNamedAndTheOthersTold) {
  fill(100, 20'500);
  execute("UPDATE meta SET last_expired = " + std::to_string(seq(20'499).value));
  damage(20'500);
  open();
  const auto found = walk();
  ASSERT_FALSE(found.unreadable.empty());
  EXPECT_EQ(found.unreadable.front(), seq(20'500));
  EXPECT_EQ(found.read.size() + found.unreadable.size(), 100u);
  EXPECT_TRUE(told_.told.contains("event " + std::to_string(seq(1).value) + " to " +
                                  std::to_string(seq(20'499).value)));
}

}  // namespace
}  // namespace exposee::store
