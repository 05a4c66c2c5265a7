#include "store/sqlite/log/log_keeper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "fakes/collected_chores.h"
#include "fakes/test_directory.h"
#include "store/sqlite/file/test_disk.h"

namespace exposee::store {
namespace {

constexpr LogLimits kSmall{.copied_at = 20, .rest = 4, .again = 2, .most = 60};
// The writer waits for the keeper beyond `most`, and a copy made meanwhile meets no commit half written: some commits
// later the log begins anew, however slow the keeper is.
constexpr int kLongest = kSmall.copied_at + kSmall.most + 20;

// A writer with a keeper beside it, and a table whose rows take a page each.
class LogKeeping : public testing::Test {
 protected:
  void SetUp() override {
    writer_ = open({});
    must(writer_->execute("CREATE TABLE t (n INTEGER PRIMARY KEY, bytes BLOB)"));
    keeper_ = *LogKeeper::start(file_, true, &told_, kSmall);
  }

  std::unique_ptr<Database> open(const DatabaseOptions& options) { return *Database::open(file_, options); }
  static void must(const Result<void>& result) { ASSERT_TRUE(result) << result.error().message; }

  void write(int rows) {
    for (int i = 0; i < rows; ++i) {
      must(writer_->execute("INSERT INTO t (bytes) VALUES (zeroblob(3000))"));
      keeper_->committed(*writer_);
      longest_ = std::max(longest_, writer_->log_frames());
    }
  }
  static std::int64_t rows(Database& db) {
    auto query = db.query("SELECT count(*) FROM t");
    EXPECT_TRUE(query.step());
    return query.integer(0);
  }

  TestDisk disk_;
  const fakes::TestDirectory directory_;
  fakes::CollectedChores told_;
  const std::string file_ = directory_.path() + "/db";
  std::unique_ptr<Database> writer_;
  std::unique_ptr<LogKeeper> keeper_;
  int longest_ = 0;  // log so far, in frames
};

TEST_F(LogKeeping, TheLogStaysShortHoweverMuchIsWritten) {
  write(2'000);
  EXPECT_LE(longest_, kLongest);
  EXPECT_EQ(rows(*open({.read_only = true})), 2'000);
}

TEST_F(LogKeeping, TheKeeperCopiesAndTheWriterOnlyTheRest) {
  const auto writer = pthread_self();
  const int before = disk_.writes(TestDisk::data, writer);
  write(2'000);
  const int by_writer = disk_.writes(TestDisk::data, writer) - before;
  EXPECT_LT(by_writer * 2, disk_.writes_of_others(TestDisk::data, writer));
}

TEST_F(LogKeeping, ADiskThatDidNotTakeTheCopyIsToldOfUntilSomebodySeesToIt) {
  for (const auto& [number, fault] : {std::pair{EIO, SyncFault::broken}, {ENOSPC, SyncFault::no_space}}) {
    disk_.fail_next_sync(TestDisk::data, number);
    for (int i = 0; i < 10'000 && keeper_->sync_fault() == SyncFault::none; ++i) write(1);
    write(100);
    EXPECT_EQ(keeper_->take_sync_fault(), fault);
    EXPECT_EQ(keeper_->sync_fault(), SyncFault::none);
  }
}

TEST_F(LogKeeping, ACopyThatFailsIsToldOnceAndOnceMoreWhenItWorksAgain) {
  write(100);
  EXPECT_TRUE(told_.told().empty());
  disk_.fail_next_write(TestDisk::data);
  for (int i = 0; i < 10'000 && told_.told().size() < 2; ++i) write(1);
  disk_.fail_next_sync(TestDisk::data, ENOSPC);
  for (int i = 0; i < 10'000 && told_.told().size() < 3; ++i) write(1);
  ASSERT_EQ(keeper_->take_sync_fault(), SyncFault::no_space);
  for (int i = 0; i < 10'000 && told_.told().size() < 4; ++i) write(1);
  const auto told = told_.told();
  ASSERT_EQ(told.size(), 4u);
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].chore, StoreChore::log_copy);
    EXPECT_EQ(told[i].failed, i % 2 == 0);
    EXPECT_EQ(told[i].error.code, told[i].failed ? ErrorCode::full : Error{}.code) << told[i].error.message;
  }
}

// Whoever closes a file last merges its log into it and removes that.
TEST_F(LogKeeping, ALogThatTheDiskDidNotTakeStaysAlsoWhenTheKeeperIsTheLastToGo) {
  disk_.fail_next_sync(TestDisk::data);
  for (int i = 0; i < 10'000 && keeper_->sync_fault() == SyncFault::none; ++i) write(1);
  ASSERT_EQ(keeper_->sync_fault(), SyncFault::broken);
  writer_.reset();
  keeper_.reset();
  EXPECT_GT(std::filesystem::file_size(file_ + "-wal"), 0u);
}

TEST_F(LogKeeping, WhatCountsAsCopiedIsCopiedAnewWhenItIsAskedFor) {
  write(10);
  keeper_->stop();  // what it copies beside this would count too
  const auto log = writer_->copy_log();
  ASSERT_FALSE(log.failed);
  ASSERT_EQ(log.copied, log.frames);
  const auto writes = [&] { return disk_.writes(TestDisk::data, pthread_self()); };
  const int before = writes();
  EXPECT_EQ(writer_->copy_log().copied, log.frames);
  EXPECT_EQ(writes(), before) << "SQLite sees no need";
  must(writer_->copy_log_anew());
  EXPECT_GT(writes(), before);
  EXPECT_GT(std::filesystem::file_size(file_ + "-wal"), 0u) << "a file in use is never without its log";
  must(writer_->execute("INSERT INTO t (bytes) VALUES (zeroblob(3000))"));
  EXPECT_LT(writer_->log_frames(), log.frames + 1) << "begun anew";
  EXPECT_EQ(rows(*open({.read_only = true})), 11);
}

TEST_F(LogKeeping, ReadersThatComeAndGoDoNotKeepTheLogFromBeginningAnew) {
  const auto one = open({.read_only = true}), other = open({.read_only = true});
  for (int i = 0; i < 300; ++i) {  // one or two of them look whenever something is written
    Snapshot first(*one);
    must(first.begin());
    rows(*one);
    write(1);
    Snapshot second(*other);
    must(second.begin());
    rows(*other);
    write(1);
  }
  for (int i = 0; i < 500 && writer_->log_frames() > kLongest; ++i) write(1);
  EXPECT_LE(writer_->log_frames(), kLongest) << "soon after they are gone";
}

TEST_F(LogKeeping, WhatAReaderStillSeesIsKeptAndCopiedOnceItIsGone) {
  write(10);
  {
    const auto reader = open({.read_only = true});
    Snapshot snapshot(*reader);
    must(snapshot.begin());
    EXPECT_EQ(rows(*reader), 10);
    write(300);
    EXPECT_EQ(rows(*reader), 10);
    EXPECT_GT(writer_->log_frames(), kLongest);
  }
  for (int i = 0; i < 500 && writer_->log_frames() > kLongest; ++i) write(1);
  EXPECT_LE(writer_->log_frames(), kLongest);
}

TEST_F(LogKeeping, AShortLogIsLeftAlone) {
  write(kSmall.copied_at / 4);
  const auto frames = writer_->log_frames();
  write(1);
  EXPECT_GT(writer_->log_frames(), frames);
}

TEST_F(LogKeeping, ItEndsWhileThereIsWork) {
  write(kSmall.copied_at);
  keeper_.reset();
  EXPECT_EQ(rows(*writer_), kSmall.copied_at);
}

}  // namespace
}  // namespace exposee::store
