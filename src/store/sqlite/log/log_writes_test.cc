#include "store/sqlite/log/log_writes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "fakes/test_directory.h"
#include "store/sqlite/database.h"
#include "store/sqlite/log/sqlite_log.h"
#include "store/sqlite/file/test_disk.h"

namespace exposee::store {
namespace {

namespace fs = std::filesystem;

// More pages than the writer has memory for: they are in the log before the transaction ends.
constexpr const char* kSpill =
    "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
    "INSERT INTO t (bytes) SELECT randomblob(3500) FROM n";

struct Told : LogSyncSink {
  void log_synced(const LogPlace& place) override { last = place; }
  LogPlace last;
};

class LogWriting : public testing::Test {
 protected:
  void SetUp() override {
    writer_ = *Database::open(file_, {.cache_kib = 100, .log = &told_});
    execute("CREATE TABLE t (n INTEGER PRIMARY KEY, bytes BLOB) STRICT");
    reader_ = *Database::open(file_, {.read_only = true});
  }
  void execute(const std::string& sql) {
    const auto done = writer_->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
  static std::int64_t rows(Database& db) {
    auto query = db.query("SELECT count(bytes) FROM t");
    EXPECT_TRUE(query.step()) << query.result().error().message;
    return query.integer(0);
  }
  static std::string integrity(Database& db) {
    auto query = db.query("PRAGMA integrity_check");
    return query.step() ? query.text(0) : query.result().error().message;
  }
  int writes() const { return disk_.writes(TestDisk::log, pthread_self()); }
  // As a kill would leave it, opened by somebody else.
  std::int64_t rows_after_a_kill() {
    const auto copy = directory_.path() + "/copy";
    for (const char* suffix : {"", "-wal"}) {
      fs::copy_file(file_ + suffix, copy + suffix, fs::copy_options::overwrite_existing);
    }
    auto db = *Database::open(copy, {});
    EXPECT_EQ(integrity(*db), "ok");
    return rows(*db);
  }
  std::uint64_t whole() const { return (**walk_log(file_ + "-wal")).whole; }

  TestDisk disk_;
  Told told_;
  const fakes::TestDirectory directory_;
  const std::string file_ = directory_.path() + "/db";
  std::unique_ptr<Database> writer_, reader_;
};

TEST_F(LogWriting, ATransactionIsOneWriteHoweverManyPagesItHas) {
  const int before = writes();
  for (int i = 0; i < 10; ++i) {
    execute("INSERT INTO t (bytes) VALUES (zeroblob(3000)), (zeroblob(3000)), (zeroblob(3000))");
    EXPECT_EQ(rows(*reader_), 3 * (i + 1)) << "by everybody, at once";
    EXPECT_EQ(told_.last.bytes, fs::file_size(file_ + "-wal"));
  }
  EXPECT_EQ(writes() - before, 10);
}

TEST_F(LogWriting, WhatIsNotSyncedIsThereForEverybodyAllTheSame) {
  ASSERT_TRUE(writer_->sync_at_commit(false));
  for (int i = 0; i < 3; ++i) {
    execute("INSERT INTO t (bytes) VALUES (zeroblob(3000))");
    EXPECT_EQ(rows(*reader_), i + 1);
    EXPECT_EQ(rows_after_a_kill(), i + 1);
  }
}

TEST_F(LogWriting, ALargeTransactionIsReadBackByItselfAndWrittenInParts) {
  execute("BEGIN");
  execute(kSpill);
  execute("UPDATE t SET bytes = zeroblob(3600) WHERE n % 3 = 0");  // pages that are in the log already
  EXPECT_EQ(rows(*writer_), 300);
  EXPECT_EQ(rows(*reader_), 0);
  execute("COMMIT");
  EXPECT_EQ(rows(*reader_), 300);
  EXPECT_EQ(integrity(*reader_), "ok");
  EXPECT_EQ(rows_after_a_kill(), 300);
}

TEST_F(LogWriting, WhatIsRolledBackCountsAsNothing) {
  execute("INSERT INTO t (bytes) VALUES (zeroblob(3000))");
  const auto committed = told_.last;
  execute("BEGIN");
  execute(kSpill);
  execute("ROLLBACK");
  EXPECT_EQ(rows(*writer_), 1);
  EXPECT_EQ(rows_after_a_kill(), 1);
  ASSERT_FALSE(writer_->copy_log().failed);  // syncs the log
  EXPECT_EQ(told_.last.bytes, committed.bytes);
  EXPECT_GE(whole(), committed.bytes);
}

TEST_F(LogWriting, NothingIsWrittenOnceTheLockIsGivenBack) {
  execute("INSERT INTO t (bytes) VALUES (zeroblob(3000))");
  execute("BEGIN");
  execute(kSpill);
  execute("ROLLBACK");
  auto other = *Database::open(file_, {});
  ASSERT_TRUE(other->execute("INSERT INTO t (bytes) VALUES (zeroblob(3000)), (zeroblob(3000))"));
  const int before = writes();
  EXPECT_EQ(rows(*writer_), 3);
  execute("INSERT INTO t (bytes) VALUES (zeroblob(3000))");
  EXPECT_LE(writes() - before, 2);
  EXPECT_EQ(rows_after_a_kill(), 4);
}

TEST_F(LogWriting, WhatTheDiskDidNotTakeIsRolledBack) {
  execute("INSERT INTO t (bytes) VALUES (zeroblob(3000))");
  disk_.fail_next_write(TestDisk::log);
  const auto failed = writer_->execute("INSERT INTO t (bytes) VALUES (zeroblob(3000)), (zeroblob(3000))");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::full);
  EXPECT_EQ(rows(*writer_), 1);
  execute("INSERT INTO t (bytes) VALUES (zeroblob(3000))");
  EXPECT_EQ(rows(*reader_), 2);
  EXPECT_EQ(rows_after_a_kill(), 2);
  EXPECT_EQ(told_.last.bytes, whole());
}

}  // namespace
}  // namespace exposee::store
