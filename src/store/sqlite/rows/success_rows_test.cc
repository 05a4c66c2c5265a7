#include "store/sqlite/rows/success_rows.h"

#include <gtest/gtest.h>

#include <set>

#include "fakes/test_directory.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/rows/attempt_rows.h"

namespace exposee::store {
namespace {

constexpr EventSeq seq(std::uint64_t n) {
  return EventSeq{first_seq(1).value + n};
}

// Successes of 300 events at five endpoints, so of many places, written in turns that overlap.
class SuccessRows : public testing::Test {
 protected:
  static constexpr std::uint64_t kEndpoints[] = {1, 63, 64, 65, 5'000};
  static constexpr std::uint64_t kEvents = 300;

  void SetUp() override {
    db_ = *Database::open(directory_.path() + "/data.db", {.cache_kib = 256});
    ASSERT_TRUE(migrate(*db_));
    AttemptAppender appender(*db_);
    for (std::uint64_t turn = 0; turn < 7; ++turn) {
      std::vector<AttemptRow> attempts;
      for (std::uint64_t n = kEvents; n-- > 0;) {
        for (const auto endpoint : kEndpoints) {
          if ((n + endpoint) % 7 == turn) attempts.push_back(success({seq(n), EndpointNumber{endpoint}}));
        }
      }
      ASSERT_TRUE(appender.add(attempts));
    }
  }
  static AttemptRow success(const DeliveryKey& key) {
    AttemptRow attempt{key, 1, true, {}};
    attempt.response.status = 200 + static_cast<int>(key.event.value % 5);
    attempt.response.remote_address = "10.0.0." + std::to_string(key.endpoint.value) + ":80";
    attempt.response.started_at = from_micros(static_cast<std::int64_t>(key.event.value % 100'000 * 1000));
    attempt.response.timing.total = Duration{key.endpoint.value};
    return attempt;
  }
  std::set<DeliveryKey> all_after(EventSeq after) {
    std::vector<DeliveryKey> keys;
    EXPECT_TRUE(successes_after(*db_, after, keys));
    const std::set<DeliveryKey> distinct(keys.begin(), keys.end());
    EXPECT_EQ(distinct.size(), keys.size());
    return distinct;
  }
  std::int64_t rows() {
    auto query = db_->query("SELECT count(*) FROM success");
    return query.step() ? query.integer(0) : -1;
  }

  fakes::TestDirectory directory_;
  std::unique_ptr<Database> db_;
};

TEST_F(SuccessRows, EveryOneIsFoundAsItWas) {
  SuccessIndex index(*db_);
  for (std::uint64_t n = kEvents; n-- > 0;) {
    for (const auto endpoint : kEndpoints) {
      const DeliveryKey key{seq(n), EndpointNumber{endpoint}};
      const auto brief = index.find(key);
      ASSERT_TRUE(brief && *brief);
      const auto expected = success(key).response;
      EXPECT_EQ((*brief)->status, expected.status);
      EXPECT_EQ((*brief)->started_at, expected.started_at);
      EXPECT_EQ((*brief)->total, expected.timing.total);
      const auto attempts = read_attempts(*db_, key, kAllAttempts, kAllAttempts);
      ASSERT_TRUE(attempts && attempts->size() == 1);
      EXPECT_EQ(attempts->front().response.remote_address, expected.remote_address);
    }
  }
}

TEST_F(SuccessRows, NeighboursThatWereNotAttemptedAreNotFound) {
  SuccessIndex index(*db_);
  for (const auto& key :
       {DeliveryKey{seq(0), EndpointNumber{2}}, DeliveryKey{seq(kEvents), EndpointNumber{1}},
        DeliveryKey{seq(7), EndpointNumber{4'999}}, DeliveryKey{seq(1'000'000), EndpointNumber{1}}}) {
    EXPECT_FALSE(*index.find(key));
    EXPECT_FALSE(*find_success(*db_, key));
  }
}

TEST_F(SuccessRows, AreFarFewerThanSuccesses) {
  EXPECT_LT(rows(), static_cast<std::int64_t>(kEvents * std::size(kEndpoints) / 8));
}

TEST_F(SuccessRows, ThoseAfterAnEventAreExactlyThose) {
  for (const std::uint64_t n : {0u, 1u, 62u, 63u, 64u, 298u, 299u}) {
    EXPECT_EQ(all_after(seq(n)).size(), (kEvents - n - 1) * std::size(kEndpoints));
  }
}

TEST_F(SuccessRows, OfADamagedPackCountsWhatCanBeRead) {
  const auto whole = all_after(EventSeq{}).size();
  ASSERT_TRUE(db_->execute("UPDATE success SET pack = substr(pack, 1, length(pack) - 1)"));
  SuccessIndex index(*db_);
  EXPECT_TRUE(index.find({seq(1), EndpointNumber{1}}));
  std::vector<DeliveryKey> keys;
  EXPECT_TRUE(successes_after(*db_, EventSeq{}, keys));
  EXPECT_LT(keys.size(), whole);
  EXPECT_GT(keys.size(), 0u);
}

TEST_F(SuccessRows, WhatAnOlderFileHoldsInRowsIsReadBesideThem) {
  ASSERT_TRUE(
      db_->execute("INSERT INTO attempt (event, endpoint, number, succeeded, status, started_at, total_us)"
                   " VALUES (1000, 1, 1, 1, 204, 5, 6)"));
  const DeliveryKey key{EventSeq{1000}, EndpointNumber{1}};
  SuccessIndex index(*db_);
  const auto summary = summarize_attempts(*db_, index, key);
  ASSERT_TRUE(summary);
  EXPECT_TRUE(summary->succeeded);
  EXPECT_EQ(summary->last_status, 204);
  EXPECT_EQ(read_attempts(*db_, key, kAllAttempts, kAllAttempts)->size(), 1u);
}

}  // namespace
}  // namespace exposee::store
