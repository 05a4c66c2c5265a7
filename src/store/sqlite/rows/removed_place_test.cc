#include "store/sqlite/rows/removed_place.h"

#include <gtest/gtest.h>

#include <set>

#include "fakes/test_directory.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/rows/attempt_rows.h"
#include "store/sqlite/rows/success_rows.h"

namespace exposee::store {
namespace {

constexpr std::uint64_t kPlace = PackPlace::of({first_seq(1), {}}).events + 1;

constexpr EventSeq seq(std::uint64_t n) {
  return EventSeq{PackPlace{kPlace, 0}.first_event().value + n};
}

// One place, of which each test says which events are there and what hangs on them.
class RemovedPlaces : public testing::Test, public RowTroubleSink {
 protected:
  void SetUp() override { ASSERT_TRUE(migrate(*db_)); }
  void row_in_trouble(const RowTrouble&) override { ++told_; }

  void run(const std::string& sql) { ASSERT_TRUE(db_->execute(sql)) << db_->last_error().message; }
  void put_event(std::uint64_t n) {
    run("INSERT INTO event (seq, id, type, version, accepted_at, body) VALUES (" +
        std::to_string(seq(n).value) + ", zeroblob(16), 1, 1, 1, x'00')");
  }
  void put_successes(std::uint64_t endpoints) {
    std::vector<AttemptRow> attempts;
    for (std::uint64_t to = 1; to <= endpoints; ++to) {
      for (std::uint64_t n = 0; n < 64; ++n) {
        attempts.push_back({{seq(n), EndpointNumber{to}}, 1, true, {}});
        attempts.back().response.status = 200;
      }
    }
    AttemptAppender appender(*db_);
    ASSERT_TRUE(appender.add(attempts));
  }
  std::uint64_t number(const std::string& sql) {
    auto query = db_->prepared(db_->prepare(sql));
    return query.step() ? query.as<std::uint64_t>(0) : 0;
  }
  std::uint64_t packs() { return number("SELECT count(*) FROM success"); }
  // Until nothing is left; the steps it took.
  std::uint64_t remove_all(std::uint64_t limit) {
    for (std::uint64_t steps = 1;; ++steps) {
      const auto step = place_.remove(kPlace, limit);
      EXPECT_TRUE(step) << step.error().message;
      if (!step) return steps;
      work_ += step->rows;
      EXPECT_LE(step->rows, limit);
      if (step->is_over) return steps;
    }
  }

  fakes::TestDirectory directory_;
  std::unique_ptr<Database> db_ =
      *Database::open(directory_.path() + "/data.db", {.cache_kib = 256, .troubles = this});
  RemovedPlace place_{*db_};
  std::uint64_t work_ = 0;  // rows, as steps count them
  int told_ = 0;
};

TEST_F(RemovedPlaces, WhatBelongsToEventsThatAreThereStays) {
  put_successes(100);
  for (std::uint64_t n = 1; n < 64; n += 2) put_event(n);
  for (std::uint64_t n = 0; n < 4; ++n) {
    const auto of = std::to_string(seq(n).value);
    run("INSERT INTO attempt (event, endpoint, number, started_at) VALUES (" + of + ", 7, 2, 1)");
    run("INSERT INTO delivery (event, endpoint, status, attempts, round_start, manual, once, cause, "
        "http_status, updated_at)"
        " VALUES (" +
        of + ", 7, 3, 2, 0, 0, 0, 0, 0, 1)");
  }
  remove_all(40);
  std::vector<DeliveryKey> keys;
  ASSERT_TRUE(successes_after(*db_, EventSeq{}, keys));
  EXPECT_EQ(keys.size(), 32u * 100u);
  EXPECT_TRUE(std::ranges::all_of(keys, [](const auto& key) { return key.event.value % 2 == 1; }));
  EXPECT_EQ(number("SELECT count(*) FROM attempt"), 2u);
  EXPECT_EQ(number("SELECT count(*) FROM delivery"), 2u);
  EXPECT_EQ(find_success(*db_, {seq(63), EndpointNumber{100}}).value()->response.status, 200);
}

// Each is decoded and written once, in however many steps: of twice as many endpoints twice the work.
TEST_F(RemovedPlaces, TheWorkGrowsWithTheFanOutAndNotFaster) {
  std::uint64_t per_pack = 0;
  for (const std::uint64_t endpoints : {500, 1'000}) {
    run("DELETE FROM success; DELETE FROM event");
    put_successes(endpoints);
    put_event(9);
    const auto before = packs();
    const auto changes = db_->total_changes();
    work_ = 0;
    remove_all(100);
    EXPECT_EQ(db_->total_changes() - changes, static_cast<std::int64_t>(before));
    if (per_pack == 0) per_pack = work_ / before;
    EXPECT_EQ(work_, per_pack * before) << endpoints;
  }
}

// A fan-out of 10,000: some 2,600 packs of successes, which nothing can decode.
TEST_F(RemovedPlaces, OfWhichNoEventIsLeftGoWithoutTheirPacksBeingRead) {
  constexpr std::uint64_t kPacks = 2'600;
  run("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " +
      std::to_string(kPacks) + ") INSERT INTO success (events, endpoints, pack) SELECT " +
      std::to_string(kPlace) + ", i / 16, randomblob(3500) FROM n");
  run("INSERT INTO success (events, endpoints, pack) VALUES (" + std::to_string(kPlace + 1) + ", 0, x'00')");
  EXPECT_EQ(remove_all(1'000), 3u);
  EXPECT_EQ(work_, kPacks);
  EXPECT_EQ(packs(), 1u) << "its neighbour's stays";
  EXPECT_EQ(told_, 0);
}

TEST_F(RemovedPlaces, ARollbackBeginsThePlaceAnew) {
  put_successes(300);
  put_event(1);
  run("BEGIN");
  ASSERT_TRUE(place_.remove(kPlace, 50));
  run("ROLLBACK");
  place_.forget();
  remove_all(50);
  std::vector<DeliveryKey> keys;
  ASSERT_TRUE(successes_after(*db_, EventSeq{}, keys));
  EXPECT_EQ(keys.size(), 300u);
}

}  // namespace
}  // namespace exposee::store
