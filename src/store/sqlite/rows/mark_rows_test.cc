#include "store/sqlite/rows/mark_rows.h"

#include <gtest/gtest.h>

#include "fakes/test_directory.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/rows/lane_marks.h"

namespace exposee::store {
namespace {

class ShardMarkRows : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(migrate(*db_));
    ASSERT_TRUE(put({EventSeq{9}, {}}));
  }
  std::unique_ptr<Database> open() { return *Database::open(directory_.path() + "/data.db", {.cache_kib = 256}); }
  bool put(const Checkpoint& checkpoint) {
    const auto done = marks_.put(checkpoint);
    marks_.settle();
    return done.has_value();
  }
  std::int64_t count() {
    auto query = db_->query("SELECT count(*) FROM shard_mark");
    return query.step() ? query.integer(0) : -1;
  }

  fakes::TestDirectory directory_;
  std::unique_ptr<Database> db_ = open();
  LaneMarks marks_{*db_};
};

TEST_F(ShardMarkRows, OfNoShardAreRemoved) {
  for (const auto* number : {"-1", "-9223372036854775808", "64", "9223372036854775807"}) {
    ASSERT_TRUE(db_->execute("INSERT INTO shard_mark VALUES (" + std::string(number) + ", 0)")) << number;
    EXPECT_EQ(lowest_mark(*db_)->value, 0u) << "it would hold retention up for ever";
    ASSERT_TRUE(mend_shard_marks(*db_));
    EXPECT_EQ(lowest_mark(*db_)->value, 9u) << number;
    EXPECT_EQ(count(), 64);
  }
}

TEST_F(ShardMarkRows, ThatAreMissingAreAtTheBeginning) {
  for (const auto* what : {"shard = 0", "shard = 63", "shard > 5"}) {
    ASSERT_TRUE(db_->execute("DELETE FROM shard_mark WHERE " + std::string(what)));
    ASSERT_TRUE(mend_shard_marks(*db_));
    EXPECT_EQ(count(), 64) << what;
    EXPECT_EQ(lowest_mark(*db_)->value, 0u) << what;
    ASSERT_TRUE(put({EventSeq{9}, {}}));
  }
}

}  // namespace
}  // namespace exposee::store
