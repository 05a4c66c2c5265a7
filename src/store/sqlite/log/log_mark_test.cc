#include "store/sqlite/log/log_mark.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "store/sqlite/file/data_directory.h"
#include "store/sqlite/database.h"
#include "store/sqlite/log/sqlite_log.h"
#include "fakes/collected_chores.h"
#include "fakes/test_directory.h"

namespace exposee::store {
namespace {

namespace fs = std::filesystem;

// A directory whose owner writes through a connection, and copies of it as a kill would leave them.
class LogMarks : public testing::Test {
 protected:
  void SetUp() override {
    owner_.emplace(*DataDirectory::open(home_));
    marker_ = owner_->log_marker(file_);
    db_ = *Database::open(file_, {.log = marker_.get()});
    ASSERT_TRUE(marker_->begin());
    ASSERT_TRUE(db_->execute("CREATE TABLE t (n INTEGER PRIMARY KEY, bytes BLOB) STRICT"));
    write(5);
  }
  void write(int rows) {
    for (int i = 0; i < rows; ++i) ASSERT_TRUE(db_->execute("INSERT INTO t (bytes) VALUES (randomblob(3000))"));
  }
  // The log begins anew with the next commit.
  void copy_log() {
    const auto log = db_->copy_log();
    ASSERT_EQ(log.copied, log.frames);
  }
  std::string killed() {
    const auto copy = directory_.path() + "/copy";
    fs::remove_all(copy);
    fs::copy(home_, copy);
    return copy;
  }
  static Result<void> check(const std::string& directory) {
    return check_log_whole(directory + "/" + kDataFileName, DataDirectory::mark_at_rest(directory));
  }
  static std::string log_of(const std::string& directory) { return directory + "/" + kDataFileName + "-wal"; }
  static void turn_over(const std::string& path, std::uint64_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(file.get() ^ 16);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }

  const fakes::TestDirectory directory_;
  const std::string home_ = directory_.path() + "/home", file_ = home_ + "/" + kDataFileName;
  std::optional<DataDirectory> owner_;
  std::unique_ptr<LogMarker> marker_;
  std::unique_ptr<Database> db_;
};

TEST_F(LogMarks, ALogIsKnownToBeWholeUpToItsLastSync) {
  const auto copy = killed();
  EXPECT_TRUE(check(copy));
  const auto mark = DataDirectory::mark_at_rest(copy);
  EXPECT_EQ(mark.kind, LogMark::Kind::synced);
  EXPECT_EQ(mark.place.bytes, fs::file_size(log_of(copy)));
  EXPECT_EQ((**walk_log(log_of(copy))).whole, mark.place.bytes);
}

TEST_F(LogMarks, DamageAnywhereBeforeThatIsToldWithItsPlace) {
  const auto bytes = fs::file_size(log_of(home_));
  for (std::uint64_t at = 0; at < bytes; at += 997) {
    const auto copy = killed();
    turn_over(log_of(copy), at);
    const auto damaged = check(copy);
    ASSERT_FALSE(damaged) << at;
    EXPECT_EQ(damaged.error().code, ErrorCode::damaged);
    EXPECT_TRUE(damaged.error().hint.ends_with("exposee accept-data --data " + copy + ".")) << damaged.error().hint;
    const auto frame = (at - kLogHeaderBytes) / 4120 * 4120 + kLogHeaderBytes;
    if (at >= kLogHeaderBytes) {
      EXPECT_NE(damaged.error().message.find("up to byte " + std::to_string(frame) + ","), std::string::npos)
          << damaged.error().message;
    }
  }
}

TEST_F(LogMarks, WhatWasNeverSyncedMayBeTorn) {
  const auto known = fs::file_size(log_of(home_));
  ASSERT_TRUE(db_->sync_at_commit(false));
  write(3);
  const auto copy = killed();
  ASSERT_GT(fs::file_size(log_of(copy)), known);
  turn_over(log_of(copy), known + 100);
  EXPECT_TRUE(check(copy));
  fs::resize_file(log_of(copy), known + 10);
  EXPECT_TRUE(check(copy));
  fs::resize_file(log_of(copy), known - 10);
  EXPECT_FALSE(check(copy));
}

TEST_F(LogMarks, ALogThatBeganAnewSinceIsRight) {
  const auto before = killed();
  fs::copy_file(before + "/lock", directory_.path() + "/mark");
  for (int i = 0; i < 5; ++i) copy_log(), write(2);
  const auto copy = killed();
  EXPECT_TRUE(check(copy));
  fs::copy_file(directory_.path() + "/mark", copy + "/lock", fs::copy_options::overwrite_existing);
  EXPECT_TRUE(check(copy)) << "the mark may be older, after the loss of power";
}

TEST_F(LogMarks, ALogFromBeforeOrOfOtherDataIsNot) {
  fs::copy_file(log_of(home_), directory_.path() + "/old");
  copy_log();
  write(1);
  auto copy = killed();
  fs::copy_file(directory_.path() + "/old", log_of(copy), fs::copy_options::overwrite_existing);
  EXPECT_EQ(check(copy).error().code, ErrorCode::not_found);
  db_.reset();
  marker_.reset();
  copy = killed();
  EXPECT_EQ(DataDirectory::mark_at_rest(copy).kind, LogMark::Kind::no_log) << "stopped";
  EXPECT_TRUE(check(copy));
  fs::copy_file(directory_.path() + "/old", log_of(copy));
  const auto refused = check(copy).error();
  EXPECT_EQ(refused.code, ErrorCode::not_found);
  EXPECT_TRUE(refused.hint.ends_with("exposee accept-data --data " + copy + ".")) << refused.hint;
}

TEST_F(LogMarks, WithoutAMarkNothingIsKnown) {
  const auto copy = killed();
  turn_over(log_of(copy), 5000);
  fs::remove(copy + "/lock");
  EXPECT_TRUE(check(copy));
  for (const std::string text : {"", "17\n", "17                             \nnonsense", "\n\n\n"}) {
    std::ofstream(copy + "/lock") << text;
    EXPECT_TRUE(check(copy)) << text;
  }
}

TEST(LogMarker, AMarkThatCannotBeWrittenIsToldOnceAndOnceMoreWhenItCanBe) {
  const fakes::TestDirectory directory;
  const auto lock = directory.path() + "/lock";
  const int writable = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const int read_only = ::open(lock.c_str(), O_RDONLY | O_CLOEXEC), used = ::dup(writable);
  fakes::CollectedChores chores;
  LogMarker marker(used, directory.path() + "/" + kDataFileName, &chores);
  const auto note_twice_on = [&](int file) {
    ::dup2(file, used);
    for (int i = 0; i < 2; ++i) marker.log_synced({1, 2, 3});
    return chores.told().size();
  };
  EXPECT_EQ(note_twice_on(writable), 0u);
  EXPECT_EQ(note_twice_on(read_only), 1u);
  EXPECT_EQ(note_twice_on(writable), 2u);
  const auto told = chores.told();
  EXPECT_EQ(told[0].chore, StoreChore::log_mark);
  EXPECT_TRUE(told[0].failed);
  EXPECT_NE(told[0].error.message.find("Cannot write the lock file beside " + directory.path()), std::string::npos);
  EXPECT_FALSE(told[1].failed);
  for (const int file : {writable, read_only, used}) ::close(file);
}

}  // namespace
}  // namespace exposee::store
