// Retention beside damage, and beside what the disk does not read: one page stops nothing else. What
// retention removes and what it leaves, the contract says (tests/contract/retention_test.cc).
#include "store/sqlite/housekeeping/retention.h"

#include <gtest/gtest.h>

#include "fakes/test_directory.h"
#include "store/sqlite/file/test_disk.h"
#include "store/sqlite/test_store.h"

namespace exposee::store {
namespace {

constexpr Instant kNever = Instant::min(), kLater = Instant::max();
constexpr std::uint64_t kEvents = 2'000, kEndpoints = 12, kLimit = 500;

// A page whose bytes are wrong, or one that gives EIO.
enum class Fault : std::uint8_t { damaged, refused };

class RetentionBesideDamage : public testing::Test {
 protected:
  void SetUp() override {
    open();
    for (std::uint64_t n = 1; n <= kEvents; n += 100) fill(n, 100);
    ASSERT_TRUE(commit(*store_, {.checkpoint = Checkpoint{event_of(kEvents)->seq, {}}}));
  }
  // To each endpoint: some failed for good, the others succeeded.
  void fill(std::uint64_t first, std::uint64_t events) {
    std::vector<AttemptRow> attempts;
    std::vector<DeliveryRow> rows;
    for (std::uint64_t n = first; n < first + events; ++n) {
      for (std::uint64_t to = 1; to <= kEndpoints; ++to) {
        attempts.push_back({{event_of(n)->seq, EndpointNumber{to}}, 1, to % 2 == 0, {}});
        attempts.back().response.status = to % 2 == 0 ? 200 : 500;
        if (to % 2 == 1)
          rows.push_back({.key = attempts.back().key, .status = DeliveryStatus::exhausted, .attempts = 1});
      }
    }
    ASSERT_TRUE(commit_events(*store_, events_from(first, events)));
    ASSERT_TRUE(commit(*store_, {.attempts = attempts, .deliveries = rows}));
  }
  void open() { store_ = must_open(directory_.path(), {.durable = false, .troubles = &troubles_}); }
  void spoil(Fault fault, const std::string& table, int page) {
    store_.reset();
    if (fault == Fault::damaged) damage_page(file(), table, page);
    if (fault == Fault::refused) disk_.break_page(leaf_page(file(), table, page));
    open();
  }
  std::string file() const { return directory_.path() + "/" + std::string(kDataFileName); }
  // What was damaged is whole again, for a new process; what was refused at once.
  void mend(std::int64_t damaged) {
    disk_.heal_pages();
    if (troubles_.of("pages") == 0) return;
    store_.reset();
    turn_bit(file(), damaged);
    open();
  }
  Expired expire_all(Instant events_before, Instant replies_before) {
    Expired all{.more = true};
    for (int steps = 0; all.more; ++steps) {
      const auto done = store_->expire({}, events_before, replies_before, kLimit);
      EXPECT_TRUE(done) << done.error().message;
      EXPECT_LT(steps, 1'000);
      if (!done || steps == 1'000) break;
      all = {.events = all.events + done->events, .replies = all.replies + done->replies, .more = done->more};
    }
    return all;
  }

  std::uint64_t rows_of(const std::string& table) {
    store_.reset();
    const auto db = *Database::open(file(), {});
    auto query = db->prepared(db->prepare("SELECT count(*) FROM " + table));
    EXPECT_TRUE(query.step());
    return query.as<std::uint64_t>(0);
  }

  TestDisk disk_;
  const fakes::TestDirectory directory_;
  CollectedTroubles troubles_;
  std::unique_ptr<SqliteStore> store_;
};

struct SpoiltPage {
  std::string table;
  int page;  // the n-th of the table, from 0
  Fault fault;
};
std::string name_of(const testing::TestParamInfo<SpoiltPage>& info) {
  const auto& [table, page, fault] = info.param;
  return table + std::to_string(page) + (fault == Fault::damaged ? "Damaged" : "Refused");
}
std::vector<SpoiltPage> both_ways(std::initializer_list<std::pair<const char*, int>> pages) {
  std::vector<SpoiltPage> all;
  for (const auto fault : {Fault::damaged, Fault::refused}) {
    for (const auto& [table, page] : pages) all.push_back({table, page, fault});
  }
  return all;
}

class OfATable : public RetentionBesideDamage, public testing::WithParamInterface<SpoiltPage> {};

TEST_P(OfATable, OnePageIsToldOnceAndPassedOverAndAllElseGoes) {
  spoil(GetParam().fault, GetParam().table, GetParam().page);
  const auto gone = expire_all(kLater, kNever).events;
  EXPECT_GE(gone, kEvents - 3 * 64) << "the places that need the page";
  EXPECT_TRUE(store_->load_events(std::vector{event_of(kEvents)->seq}, SIZE_MAX)->events.empty())
      << "also behind it";
  const auto told = troubles_.of("event");
  EXPECT_GE(told, 1);
  EXPECT_LE(told, 3);
  EXPECT_EQ(expire_all(kLater, kNever).events, 0u);
  EXPECT_EQ(troubles_.of("event"), told);
}

INSTANTIATE_TEST_SUITE_P(Retention, OfATable,
                         testing::ValuesIn(both_ways(
                             {{"event", 0}, {"event", 7}, {"success", 7}, {"attempt", 7}, {"delivery", 7}})),
                         name_of);

TEST_F(RetentionBesideDamage, WhatTheDiskReadsAgainGoesWithoutARestart) {
  for (const std::string table : {"event", "attempt"}) spoil(Fault::refused, table, 9);
  auto gone = expire_all(kLater, kNever).events;
  ASSERT_LT(gone, kEvents);
  const auto told = troubles_.of("event");
  for (int rounds = 0; rounds < 20; ++rounds) gone += expire_all(kLater, kNever).events;
  EXPECT_LT(gone, kEvents);
  EXPECT_EQ(troubles_.of("event"), told) << "it is tried again, and told once";
  disk_.heal_pages();
  for (int rounds = 0; rounds < 64; ++rounds) gone += expire_all(kLater, kNever).events;
  EXPECT_EQ(gone, kEvents);
  EXPECT_EQ(rows_of("attempt"), 0u);
}

// Some of it is removed already: what is left of it holds up nothing, and goes once it can be read.
class HalfRemoved : public RetentionBesideDamage, public testing::WithParamInterface<Fault> {};
INSTANTIATE_TEST_SUITE_P(Retention, HalfRemoved, testing::Values(Fault::damaged, Fault::refused),
                         [](const auto& info) {
                           return info.param == Fault::damaged ? "Damaged" : "Refused";
                         });

TEST_P(HalfRemoved, APlaceIsGivenUpAndItsRestGoesLater) {
  const auto first = store_->expire({}, kLater, kNever, 100);
  ASSERT_TRUE(first && first->more);
  const auto damaged = leaf_page(file(), "attempt", 0);
  spoil(GetParam(), "attempt", 0);
  EXPECT_GE(first->events + expire_all(kLater, kNever).events, kEvents - 3 * 64);
  EXPECT_TRUE(store_->forget({}, {}));
  EXPECT_GE(troubles_.of("event"), 1) << "it is told what stays";
  for (int rounds = 0; rounds < 3; ++rounds) expire_all(kLater, kNever);
  mend(damaged);
  for (int rounds = 0; rounds < 8; ++rounds) expire_all(kLater, kNever);
  for (const std::string table : {"event", "attempt", "delivery", "success"})
    EXPECT_EQ(rows_of(table), 0u) << table;
}

// The writer has read it before, and reads it again once memory has no room for it.
TEST_F(RetentionBesideDamage, WithoutThePageOfTheMarksByShardCheckpointsAndRetentionGoOn) {
  constexpr std::size_t kMoreThanMemoryHolds = 6 << 20;
  ASSERT_TRUE(commit_events(*store_, {event_of(kEvents + 1, kMoreThanMemoryHolds)}));
  const auto page = leaf_page(file(), "shard_mark", 0);
  store_.reset();
  open();
  const Turn checkpoint{.checkpoint = Checkpoint{event_of(kEvents)->seq, {}}};
  ASSERT_TRUE(commit(*store_, {.failing = std::vector<FailingDaysRow>{{EndpointNumber{1}, {}}}}))
      << "marks are known";
  ASSERT_EQ(store_->load_events(std::vector{event_of(kEvents + 1)->seq}, SIZE_MAX)->events.size(), 1u);
  disk_.break_page(page);
  const auto done = commit(*store_, checkpoint);
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(expire_all(kLater, kNever).events, kEvents);
  EXPECT_EQ(troubles_.of("shard_mark"), 1);
  EXPECT_TRUE(commit(*store_, checkpoint));
}

// Of a process that has ended, nobody knows where.
TEST_F(RetentionBesideDamage, RowsOfEventsThatAreGoneGoWithWhatIsOldAndNoOthers) {
  ASSERT_TRUE(expire_all(event_of(200)->accepted_at, kNever).events > 0);
  store_.reset();
  {
    const auto db = *Database::open(file(), {});
    const auto number = [](std::uint64_t n) { return std::to_string(event_of(n)->seq.value); };
    ASSERT_TRUE(db->execute("INSERT INTO success SELECT number + 1000000, " +
                            std::to_string(event_of(1)->seq.value >> 6) +
                            ", endpoints, pack FROM success LIMIT 2;"
                            "UPDATE attempt SET event = " +
                            number(3) + " WHERE event = " + number(300)));
  }
  open();
  expire_all(event_of(200)->accepted_at, kNever);
  EXPECT_EQ(store_->load_events_after({}, 1'000'000)->events.size(), kEvents - 199);
  const auto db = *Database::open(file(), {.read_only = true});
  auto query = db->query("SELECT min(event) / 64, (SELECT min(events) FROM success) FROM attempt");
  ASSERT_TRUE(query.step());
  EXPECT_EQ(query.as<std::uint64_t>(0), event_of(200)->seq.value / 64);
  EXPECT_EQ(query.as<std::uint64_t>(1), event_of(200)->seq.value / 64);
}

// Each with a row that waits.
TEST_F(RetentionBesideDamage, AStepLooksAtNoMoreOfWhatIsOwedThanItMayRemoveAndTheNextGoesOn) {
  std::vector<DeliveryRow> rows;
  for (std::uint64_t n = 1; n < kEvents; ++n)
    rows.push_back({.key = {event_of(n)->seq, EndpointNumber{1}},
                    .status = DeliveryStatus::pending,
                    .due = from_micros(1)});
  ASSERT_TRUE(commit(*store_, {.deliveries = rows}));
  constexpr std::uint64_t kFew = 100;
  for (int round = 0; round < 2; ++round) {
    std::uint64_t steps = 0;
    for (bool more = true; more; ++steps) {
      const auto done = store_->expire({}, kLater, kNever, kFew);
      ASSERT_TRUE(done) << done.error().message;
      EXPECT_LE(done->rows, 4 * kFew);
      EXPECT_GE(done->rows, 1u) << "what it has looked at counts";
      more = done->more;
      ASSERT_LT(steps, kEvents);
    }
    EXPECT_GE(steps, kEvents / kFew - 1);
  }
  EXPECT_EQ(store_->load_events_after({}, 1'000'000)->events.size(), kEvents - 1)
      << "the last one is owed to nobody";
}

class OldReplies : public RetentionBesideDamage, public testing::WithParamInterface<SpoiltPage> {
 protected:
  static constexpr int kReplies = 3'000;
  void fill_replies() {
    const StoredReply reply{"", 200, "", ""};
    for (int n = 0; n < kReplies; ++n) {
      const auto key = "key " + std::to_string(n);
      ASSERT_TRUE(commit(*store_, {.durability = Durability::with_next,
                                   .now = from_micros(n),
                                   .claims = std::vector<KeyClaim>{{key, &reply}}}));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Retention, OldReplies,
                         testing::ValuesIn(both_ways(
                             {{"stored_reply", 5}, {"stored_reply_by_age", 0}, {"stored_reply_by_age", 3}})),
                         name_of);

TEST_P(OldReplies, GoButThoseOfThePage) {
  fill_replies();
  spoil(GetParam().fault, GetParam().table, GetParam().page);
  auto gone = expire_all(kNever, kLater).replies;
  EXPECT_LT(gone, kReplies);
  const int most = GetParam().table == "stored_reply" ? 500 : 1'400;
  EXPECT_GE(gone, kReplies - most) << "all but those of the page and the two beside it";
  EXPECT_EQ(expire_all(kLater, kLater).events, kEvents) << "events do not wait for them";
  EXPECT_GE(troubles_.of("stored_reply"), 1);
  disk_.heal_pages();
  for (int rounds = 0; rounds < 8; ++rounds) gone += expire_all(kNever, kLater).replies;
  if (GetParam().fault == Fault::refused) {
    EXPECT_EQ(gone, kReplies);
  }
}

// Rows that the steps count, of some old events to so many endpoints; a young one beside them keeps the packs.
std::uint64_t work_of(std::uint64_t fan_out) {
  constexpr std::uint64_t kOld = 4;
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path(), {.durable = false});
  EXPECT_TRUE(commit_events(*store, events_from(1, kOld + 1)));
  std::vector<AttemptRow> attempts;
  for (std::uint64_t to = 1; to <= fan_out; ++to) {
    for (std::uint64_t n = 1; n <= kOld + 1; ++n) {
      attempts.push_back({{event_of(n)->seq, EndpointNumber{to}}, 1, true, {}});
      attempts.back().response.status = 200;
    }
  }
  EXPECT_TRUE(commit(*store, {.attempts = attempts, .checkpoint = Checkpoint{event_of(kOld + 1)->seq, {}}}));
  std::uint64_t work = 0, events = 0;
  for (bool more = true; more;) {
    const auto done = store->expire({}, event_of(kOld + 1)->accepted_at, kNever, 100);
    EXPECT_TRUE(done) << done.error().message;
    if (!done) break;
    more = done->more;
    work += done->rows;
    events += done->events;
  }
  EXPECT_EQ(events, kOld);
  EXPECT_EQ(store->load_touched_after({})->size(), fan_out);
  return work;
}

TEST(Retention, TheWorkOfAnEventGrowsWithItsFanOutAndNotFaster) {
  const auto few = work_of(1'000);
  EXPECT_GT(few, 1'000 / 64) << "so many packs, at least";
  EXPECT_LE(work_of(4'000), 4 * few + few / 10);
}

TEST(PassedOver, StretchesGrowTogether) {
  using Added = PassedOver::Added;
  PassedOver passed;
  const Error damage{ErrorCode::damaged, "", {}};
  EXPECT_EQ(passed.add({10, 20}, damage), Added::apart);
  EXPECT_EQ(passed.add({40, 50}, damage), Added::apart);
  EXPECT_EQ(passed.add({21, 30}, damage), Added::beside);
  EXPECT_EQ(passed.add({12, 30}, damage), Added::nothing);
  EXPECT_EQ(passed.end_after(9), 30u);
  EXPECT_EQ(passed.end_after(8), 8u);
  EXPECT_EQ(passed.last_before(31, 99), 39u);
  EXPECT_EQ(passed.add({5, 60}, damage), Added::beside);
  EXPECT_TRUE(passed.has(55) && passed.has(5) && !passed.has(61));
  EXPECT_EQ(passed.last_before(61, 99), 99u);
}

TEST(PassedOver, WhatTheDiskDoesNotReadIsTriedAgainLessAndLess) {
  PassedOver passed;
  const Error refused{ErrorCode::unreadable, "", {}};
  ASSERT_EQ(passed.add({10, 20}, refused), PassedOver::Added::apart);
  passed.add({21, 30}, {ErrorCode::damaged, "", {}});
  EXPECT_EQ(passed.end_after(9), 30u) << "over both";
  std::vector<int> tried;
  for (int round = 1; round <= 200; ++round) {
    passed.end_round();
    ASSERT_TRUE(passed.has(25)) << "damage stays";
    if (passed.has(10)) continue;
    tried.push_back(round);
    EXPECT_EQ(passed.add({10, 20}, refused), PassedOver::Added::beside) << "it was told";
  }
  EXPECT_EQ(tried, (std::vector{1, 3, 7, 15, 31, 63, 127, 191}));
}

}  // namespace
}  // namespace exposee::store
