#include "store/sqlite/rows/lane_marks.h"

#include <gtest/gtest.h>

#include "fakes/test_directory.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/rows/mark_rows.h"
#include "store/sqlite/test_store.h"

namespace exposee::store {
namespace {

class LaneMarkRows : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(migrate(*db_));
    ASSERT_TRUE(marks_.load());
  }
  std::unique_ptr<Database> open() {
    return *Database::open(directory_.path() + "/data.db", {.cache_kib = 256, .troubles = &troubles_});
  }

  static std::vector<LaneMark> marks_of(std::uint64_t count, std::uint64_t low) {
    std::vector<LaneMark> marks;
    for (std::uint64_t n = 1; n <= count; ++n) marks.push_back({EndpointNumber{n}, EventSeq{low + n}});
    return marks;
  }
  // Rows that it changed, without those of the shards.
  std::int64_t put(const std::vector<LaneMark>& lanes, std::uint64_t upto = 100'000) {
    const auto before = db_->total_changes();
    EXPECT_TRUE(db_->execute("BEGIN"));
    EXPECT_TRUE(marks_.put({EventSeq{upto}, lanes}));
    EXPECT_TRUE(db_->execute("COMMIT"));
    marks_.settle();
    return db_->total_changes() - before - kShards - 1;
  }
  std::string stored(std::uint64_t n) {
    auto query = db_->query("SELECT low_water FROM lane_mark WHERE endpoint = ?1", n);
    return query.step() ? std::to_string(query.integer(0)) : "none";
  }

  fakes::TestDirectory directory_;
  CollectedTroubles troubles_;
  std::unique_ptr<Database> db_ = open();
  LaneMarks marks_{*db_};
};

TEST_F(LaneMarkRows, OfAThousandOnlyTheOneThatMovedIsWritten) {
  auto lanes = marks_of(1'000, 5'000);
  EXPECT_EQ(put(lanes), 1'000);
  lanes[499].low_water = EventSeq{9'000};
  EXPECT_EQ(put(lanes), 1);
  EXPECT_EQ(stored(500), "9000");
  EXPECT_EQ(put(lanes), 0);
  lanes.erase(lanes.begin());
  EXPECT_EQ(put(lanes), 1);
  EXPECT_EQ(stored(1), "none");
}

TEST_F(LaneMarkRows, AnotherProcessKnowsWhatIsThere) {
  auto lanes = marks_of(100, 5'000);
  put(lanes);
  db_ = open();
  marks_.~LaneMarks();
  new (&marks_) LaneMarks(*db_);
  EXPECT_EQ(marks_.lowest()->value, 5'001u);
  lanes.pop_back();
  EXPECT_EQ(put(lanes), 1);
}

TEST_F(LaneMarkRows, WhatIsRolledBackWasNotWritten) {
  auto lanes = marks_of(3, 5'000);
  put(lanes);
  ASSERT_TRUE(db_->execute("BEGIN"));
  ASSERT_TRUE(marks_.put({EventSeq{100'000}, std::vector<LaneMark>{{EndpointNumber{1}, EventSeq{7'000}},
                                                                   {EndpointNumber{9}, EventSeq{3}}}}));
  EXPECT_EQ(marks_.lowest()->value, 3u);
  ASSERT_TRUE(db_->execute("ROLLBACK"));
  marks_.forget();
  EXPECT_EQ(marks_.lowest()->value, 5'001u);
  EXPECT_EQ(put(lanes), 0);
}

// Page by page: whichever it is, the shards say what its lanes cannot.
class BesideDamage : public LaneMarkRows {
 protected:
  static constexpr std::uint64_t kMany = 3'000;
  void SetUp() override {
    LaneMarkRows::SetUp();
    put(marks_of(kMany, 5'000));
  }
  void damage() {
    ASSERT_TRUE(db_->empty_log());
    damage_page(directory_.path() + "/data.db", "lane_mark", 2);
    ASSERT_TRUE(db_->execute("PRAGMA shrink_memory")) << "so that it is read again";
  }
  bool try_put(const std::vector<LaneMark>& lanes) {
    EXPECT_TRUE(db_->execute("BEGIN"));
    const auto done = marks_.put({EventSeq{100'000}, lanes});
    if (!done) {
      EXPECT_EQ(done.error().code, ErrorCode::damaged);
    }
    if (db_->in_transaction()) {
      EXPECT_TRUE(db_->execute(done ? "COMMIT" : "ROLLBACK"));
    }
    done ? marks_.settle() : marks_.forget();
    return done.has_value();
  }
  std::string shards() {
    auto query = db_->query("SELECT min(low_water), max(low_water) FROM shard_mark");
    return query.step() ? std::to_string(query.integer(0)) + " to " + std::to_string(query.integer(1)) : "";
  }
};

TEST_F(BesideDamage, ThatComesUpInACheckpointTheNextOneGoesByShards) {
  damage();
  EXPECT_FALSE(try_put(marks_of(kMany, 6'000))) << "it is found out";
  EXPECT_EQ(marks_.lowest()->value, 5'001u) << "as it is on disk";
  EXPECT_TRUE(try_put(marks_of(kMany, 6'000)));
  EXPECT_EQ(shards(), "6001 to 6064");
  EXPECT_EQ(marks_.lowest()->value, 6'001u) << "and retention goes on";
  EXPECT_EQ(stored(1), "5001") << "a start reads more";
  EXPECT_TRUE(try_put({}));
  EXPECT_EQ(shards(), "100000 to 100000");
  EXPECT_EQ(marks_.lowest()->value, 100'000u);
  EXPECT_EQ(troubles_.of("lane_mark"), 1) << "it is told once";
}

// Its row would make a start pass over what its lane is owed: also once the page is whole again.
TEST_F(BesideDamage, OfAMarkThatGoesBackItsShardSpeaks) {
  const auto page = leaf_page(directory_.path() + "/data.db", "lane_mark", 2);
  damage();
  EXPECT_FALSE(try_put(marks_of(kMany, 6'000)));
  EXPECT_TRUE(try_put(marks_of(1, 4'000)));
  EXPECT_EQ(shards(), "4001 to 100000") << "that of the others goes on";
  EXPECT_EQ(marks_.lowest()->value, 4'001u);
  EXPECT_EQ(stored(1), "5001");
  ASSERT_TRUE(db_->empty_log());
  turn_bit(directory_.path() + "/data.db", page);
  db_ = open();
  StartState state;
  ASSERT_TRUE(load_marks(*db_, state));
  ASSERT_EQ(state.marks.size(), kMany);
  EXPECT_EQ(state.marks[0].low_water.value, 4'001u);
  EXPECT_EQ(state.marks[1].low_water.value, 5'002u);
}

TEST_F(BesideDamage, ThatIsThereAtTheStartNothingGoesUntilThereWasACheckpoint) {
  damage();
  marks_.~LaneMarks();
  new (&marks_) LaneMarks(*db_);
  StartState state;
  ASSERT_TRUE(load_marks(*db_, state));
  EXPECT_TRUE(state.marks.empty());
  EXPECT_EQ(state.checkpoint(EndpointNumber{1}).value, 0u) << "all is looked for from the beginning";
  ASSERT_TRUE(marks_.load());
  EXPECT_EQ(marks_.lowest()->value, 0u);
  EXPECT_TRUE(try_put(marks_of(kMany, 6'000)));
  EXPECT_EQ(marks_.lowest()->value, 6'001u);
  EXPECT_EQ(troubles_.of("lane_mark"), 2) << "by the start and by the writer";
}

// What it said is known.
TEST_F(BesideDamage, OfThePageOfShardsItIsWrittenAnewAndNothingIsLost) {
  ASSERT_TRUE(db_->execute("BEGIN"));
  ASSERT_TRUE(marks_.put({EventSeq{7'000}, {}, ShardSet::of_shard(5)}));
  ASSERT_TRUE(db_->execute("COMMIT"));
  marks_.settle();
  ASSERT_TRUE(db_->empty_log());
  damage_page(directory_.path() + "/data.db", "shard_mark", 0);
  ASSERT_TRUE(db_->execute("PRAGMA shrink_memory"));
  EXPECT_EQ(marks_.lowest()->value, 5'001u) << "retention does not ask for it";
  EXPECT_TRUE(marks_.see_to_damage());
  EXPECT_FALSE(marks_.see_to_damage()) << "once";
  const auto others = ShardSet::all().without(ShardSet::of_shard(5));
  ASSERT_TRUE(db_->execute("BEGIN"));
  EXPECT_TRUE(marks_.put({EventSeq{200'000}, {}, others}));
  EXPECT_TRUE(db_->execute("COMMIT"));
  marks_.settle();
  EXPECT_EQ(shards(), "7000 to 200000");
  ASSERT_TRUE(db_->empty_log());
  db_ = open();
  EXPECT_EQ(shards(), "7000 to 200000") << "the page is whole";
  EXPECT_EQ(troubles_.of("shard_mark"), 1);
}

TEST_F(BesideDamage, OfThePageOfShardsAStartLooksFromTheBeginningAndGoesOn) {
  ASSERT_TRUE(db_->empty_log());
  damage_page(directory_.path() + "/data.db", "shard_mark", 0);
  db_ = open();
  ASSERT_TRUE(mend_shard_marks(*db_));
  EXPECT_EQ(shards(), "0 to 0");
  ASSERT_TRUE(mend_shard_marks(*db_));
  EXPECT_EQ(troubles_.of("shard_mark"), 1);
}

TEST_F(LaneMarkRows, OneThatSaysNothingIsReplaced) {
  ASSERT_TRUE(db_->execute("INSERT INTO lane_mark VALUES (-7, 9), (3, -9), (4, 9)"));
  marks_.~LaneMarks();
  new (&marks_) LaneMarks(*db_);
  ASSERT_TRUE(marks_.load());
  EXPECT_EQ(marks_.lowest()->value, 0u);
  put({{EndpointNumber{3}, EventSeq{5'000}}});
  put({{EndpointNumber{3}, EventSeq{5'000}}});
  auto rows = db_->query("SELECT group_concat(endpoint || ' ' || low_water) FROM lane_mark");
  ASSERT_TRUE(rows.step());
  EXPECT_EQ(rows.text(0), "3 5000");
}

TEST_F(LaneMarkRows, OfShardsThatAreElsewhereStay) {
  put(marks_of(3, 5'000));
  ASSERT_TRUE(marks_.put({EventSeq{100'000}, {}, ShardSet::of(EndpointNumber{1})}));
  EXPECT_EQ(stored(1), "none");
  EXPECT_EQ(stored(2), "5002");
}

TEST_F(LaneMarkRows, ARemovedEndpointsIsForgotten) {
  put(marks_of(2, 5'000));
  ASSERT_TRUE(marks_.remove(EndpointNumber{1}));
  marks_.settle();
  EXPECT_EQ(marks_.lowest()->value, 5'002u);
}

}  // namespace
}  // namespace exposee::store
