#include "store/sqlite/migrations.h"

#include <gtest/gtest.h>

#include <vector>

#include "fakes/test_directory.h"

namespace exposee::store {
namespace {

class Migrations : public testing::Test {
 protected:
  std::unique_ptr<Database> open() {
    auto db = Database::open(directory_.path() + "/data.db", {.cache_kib = 256});
    EXPECT_TRUE(db) << db.error().message;
    return *std::move(db);
  }
  static std::int64_t number(Database& db, std::string_view sql) {
    auto query = db.prepared(db.prepare(sql));
    EXPECT_TRUE(query.step()) << sql;
    return query.integer(0);
  }

  fakes::TestDirectory directory_;
};

TEST_F(Migrations, AFreshFileGetsEveryStepAndSaysSo) {
  const auto db = open();
  ASSERT_TRUE(migrate(*db));
  EXPECT_EQ(number(*db, "PRAGMA user_version"), static_cast<std::int64_t>(migrations().size()));
  EXPECT_EQ(number(*db, "PRAGMA application_id"), kApplicationId);
  EXPECT_EQ(number(*db, "SELECT count(*) FROM meta"), 1);
}

TEST_F(Migrations, RunningThemAgainChangesNothing) {
  ASSERT_TRUE(migrate(*open()));
  const auto db = open();
  const auto before = number(*db, "PRAGMA schema_version");
  ASSERT_TRUE(migrate(*db));
  EXPECT_EQ(number(*db, "PRAGMA schema_version"), before);
}

TEST_F(Migrations, AnOlderFileGetsWhatItLacks) {
  const std::vector<Migration> old{{"CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (5)"}};
  ASSERT_TRUE(migrate(*open(), old));
  auto now = old;
  now.push_back({"ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1"});
  now.push_back({"CREATE TABLE b (z INTEGER) STRICT"});
  const auto db = open();
  ASSERT_TRUE(migrate(*db, now));
  EXPECT_EQ(number(*db, "SELECT y FROM a"), 6);
  EXPECT_EQ(number(*db, "PRAGMA user_version"), 3);
}

TEST_F(Migrations, DeliveriesOfTheThirdSchemaWereNeverAskedForAndKeepTheirDates) {
  ASSERT_TRUE(migrate(*open(), migrations().first(3)));
  ASSERT_TRUE(open()->execute("INSERT INTO delivery VALUES (65537, 1, 0, 3, 1, 0, 0, 99, 1, 500, 77)"));
  const auto db = open();
  ASSERT_TRUE(migrate(*db));
  EXPECT_EQ(number(*db, "SELECT due FROM delivery"), 99);
  EXPECT_EQ(number(*db, "SELECT by_hand + asked + brought_forward FROM delivery"), 0);
  EXPECT_EQ(number(*db, "SELECT count(*) FROM delivery WHERE resumes_at IS NULL AND not_before IS NULL"), 1);
  EXPECT_EQ(number(*db, "SELECT count(*) FROM endpoint_hold"), 0);
}

TEST_F(Migrations, EndpointsOfTheFourthSchemaMayBePrivate) {
  ASSERT_TRUE(migrate(*open(), migrations().first(4)));
  ASSERT_TRUE(open()->execute(
      "INSERT INTO endpoint VALUES (1, x'00', 'http://a.example/', '', '', NULL, NULL, 0, 0, 0, 0, '',"
      " NULL, NULL, 0, 0, NULL)"));
  const auto db = open();
  ASSERT_TRUE(migrate(*db));
  EXPECT_EQ(number(*db, "SELECT public_only FROM endpoint"), 0);
}

TEST_F(Migrations, EventTypesOfTheFifthSchemaWereNeverRemoved) {
  ASSERT_TRUE(migrate(*open(), migrations().first(5)));
  ASSERT_TRUE(open()->execute("INSERT INTO event_type VALUES (3, 'order.paid', 'paid', 77)"));
  const auto db = open();
  ASSERT_TRUE(migrate(*db));
  EXPECT_EQ(number(*db, "SELECT count(*) FROM event_type WHERE name = 'order.paid' AND removed_at IS NULL"),
            1);
}

TEST_F(Migrations, TheCheckpointOfTheThirteenthSchemaIsThatOfEveryShard) {
  ASSERT_TRUE(migrate(*open(), migrations().first(13)));
  ASSERT_TRUE(open()->execute("UPDATE meta SET checkpoint = 77"));
  const auto db = open();
  ASSERT_TRUE(migrate(*db));
  EXPECT_EQ(number(*db, "SELECT count(*) FROM shard_mark WHERE shard BETWEEN 0 AND 63 AND low_water = 77"), 64);
  EXPECT_EQ(number(*db, "SELECT count(*) FROM shard_mark"), 64);
}

TEST_F(Migrations, TheGreatestNumbersOfTheFifteenthSchemaAreThoseOfItsRows) {
  ASSERT_TRUE(migrate(*open(), migrations().first(15)));
  ASSERT_TRUE(open()->execute("INSERT INTO event_type VALUES (3, 'order.paid', '', 77, NULL), (7, 'a', '', 77, 78);"
                              "INSERT INTO turn_marker VALUES (1, 55)"));
  const auto db = open();
  ASSERT_TRUE(migrate(*db));
  EXPECT_EQ(number(*db, "SELECT last_type FROM meta"), 7);
  EXPECT_EQ(number(*db, "SELECT last_endpoint FROM meta"), 0);
  EXPECT_EQ(number(*db, "SELECT last_event FROM turn_marker"), 0) << "not known before the next turn";
}

TEST_F(Migrations, AStepThatFailsLeavesTheFileAsItWasBeforeIt) {
  const std::vector<Migration> steps{
      {"CREATE TABLE a (x INTEGER) STRICT"},
      {"CREATE TABLE b (x INTEGER) STRICT; INSERT INTO nowhere VALUES (1)"}};
  const auto db = open();
  ASSERT_FALSE(migrate(*db, steps));
  EXPECT_FALSE(db->in_transaction());
  EXPECT_EQ(number(*db, "PRAGMA user_version"), 1);
  EXPECT_EQ(number(*db, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), 0);
}

TEST_F(Migrations, AFileOfANewerExposeeIsRefused) {
  ASSERT_TRUE(migrate(*open()));
  const auto db = open();
  ASSERT_TRUE(db->execute("PRAGMA user_version = 99"));
  const auto refused = migrate(*db);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::newer_schema);
  EXPECT_EQ(
      refused.error().message,
      "The data was written by a newer version of Exposee: its schema is 99, and this version knows up to " +
          std::to_string(migrations().size()) + ".");
}

TEST_F(Migrations, AnotherProgramsFileIsRefused) {
  const auto db = open();
  ASSERT_TRUE(db->execute("CREATE TABLE theirs (x)"));
  EXPECT_EQ(migrate(*db).error().code, ErrorCode::invalid);
  ASSERT_TRUE(db->execute("DROP TABLE theirs; PRAGMA application_id = 7"));
  EXPECT_EQ(migrate(*db).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace exposee::store
