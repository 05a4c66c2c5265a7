// Files that cannot be read for a moment, or that somebody moves while they are in use.
#include <gtest/gtest.h>

#include <filesystem>

#include "fakes/test_directory.h"
#include "store/sqlite/file/test_disk.h"
#include "store/sqlite/test_store.h"

namespace exposee::store {
namespace {

std::uintmax_t size_of(const std::string& file) {
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(file, missing);
  return missing ? 0 : bytes;
}

// As a kill leaves it: with its log.
void copy_as_killed(const std::string& path, const std::string& copy) {
  std::filesystem::remove_all(copy);
  std::filesystem::copy(path, copy);
}

TEST(FilesInTrouble, AReadThatFailsDuringAStartLeavesALogAndTheNextStartIsGood) {
  TestDisk disk;
  const fakes::TestDirectory directory;
  const auto home = directory.path() + "/home", copy = directory.path() + "/copy", log = copy + "/exposee.db-wal";
  const auto store = must_open(home);
  ASSERT_TRUE(commit_events(*store, events_from(1, 20)));
  int failed = 0;
  for (const auto file : {TestDisk::data, TestDisk::log}) {
    for (int n = 0; n < 1'000; ++n) {
      copy_as_killed(home, copy);
      disk.fail_read(file, n);
      const auto opened = SqliteStore::open(copy);
      if (!disk.has_failed_read(file)) break;  // there are no more
      disk.fail_read(file, -1);
      if (opened) continue;
      ++failed;
      EXPECT_EQ(opened.error().code, ErrorCode::unreadable)
          << file << " " << n << ": " << opened.error().message;
      EXPECT_GT(size_of(log), 0u) << file << " " << n;
      EXPECT_EQ(count(*must_open(copy)), 20u) << file << " " << n;
    }
    disk.fail_read(file, -1);
  }
  EXPECT_GT(failed, 5);
}

TEST(FilesInTrouble, AReadThatFailsIsNotDamageAndMayBeTriedAgain) {
  TestDisk disk;
  const fakes::TestDirectory directory;
  const auto path = directory.path() + "/data";
  ASSERT_TRUE(commit_events(*must_open(path), events_from(1, 20)));
  const auto store = must_open(path);
  disk.fail_read(TestDisk::data);
  const auto read = store->load_events_after({}, 100);
  ASSERT_TRUE(disk.has_failed_read(TestDisk::data));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::unreadable) << read.error().message;
  EXPECT_EQ(count(*store), 20u);
}

TEST(FilesInTrouble, FilesThatWereMovedAwayAndPutBackAreAllThere) {
  const fakes::TestDirectory directory;
  const auto path = directory.path() + "/data", away = directory.path() + "/away";
  const std::vector<std::vector<std::string>> moved = {
      {""}, {"/exposee.db-wal"}, {"/exposee.db"}, {"/exposee.db", "/exposee.db-wal"}, {"/lock"}};
  std::uint64_t expected = 0;
  for (const auto& names : moved) {
    {
      auto store = must_open(path);
      ASSERT_TRUE(commit_events(*store, events_from(expected + 1, 5)));
      expected += 5;
      for (const auto& name : names) std::filesystem::rename(path + name, away + std::to_string(name.size()));
      EXPECT_FALSE(store->has_its_files()) << names.front();
    }
    for (const auto& name : names) std::filesystem::rename(away + std::to_string(name.size()), path + name);
    const auto store = SqliteStore::open(path);
    ASSERT_TRUE(store) << names.front() << ": " << store.error().message;
    EXPECT_EQ(count(**store), expected) << names.front();
  }
}

TEST(FilesInTrouble, WhatLiesInThePlaceOfFilesThatWereMovedAwayIsLeftAlone) {
  const fakes::TestDirectory directory;
  const auto path = directory.path() + "/data", away = directory.path() + "/away", other = directory.path() + "/other";
  {
    const auto running = must_open(other);
    ASSERT_TRUE(commit_events(*running, events_from(1, 7)));
    auto store = must_open(path);
    ASSERT_TRUE(commit_events(*store, events_from(1, 5)));
    std::filesystem::rename(path, away);
    copy_as_killed(other, path);
  }
  EXPECT_EQ(count(*must_open(path)), 7u);
  EXPECT_EQ(count(*must_open(away)), 5u);
}

TEST(FilesInTrouble, FilesThatCannotBeLookedAtAreNotGone) {
  const fakes::TestDirectory directory;
  const auto path = directory.path() + "/data", away = directory.path() + "/away";
  auto store = must_open(path);
  ASSERT_TRUE(commit_events(*store, events_from(1, 5)));
  std::filesystem::rename(path, away);
  std::filesystem::create_directory_symlink(path, path);  // too many links
  EXPECT_TRUE(store->has_its_files());
  store.reset();
  std::filesystem::remove(path);
  std::filesystem::rename(away, path);
  EXPECT_EQ(count(*must_open(path)), 5u);
}

// Of an index and a table that are of different moments: both are whole.
TEST(FilesInTrouble, AnIndexOlderThanItsTableBringsNothingBackThatHasEnded) {
  const fakes::TestDirectory directory;
  const EndpointNumber endpoint{1};
  {
    const auto store = must_open(directory.path());
    ASSERT_TRUE(commit_events(*store, events_from(1, 1)));
    const std::vector rows{DeliveryRow{.key = {first_seq(1), endpoint}, .manual = true, .due = Instant{}, .asked = true}};
    ASSERT_TRUE(commit(*store, {.deliveries = rows}));
    ASSERT_EQ(store->load_asked(endpoint, Instant::min(), {}, 10)->size(), 1u);
  }
  const auto execute = [&](const std::string& sql) {
    const auto done = (*Database::open(directory.path() + "/exposee.db", {}))->execute("PRAGMA writable_schema = ON;" + sql);
    ASSERT_TRUE(done) << done.error().message;
  };
  execute("CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'delivery_asked';"
          "DELETE FROM sqlite_schema WHERE name = 'delivery_asked'");
  execute("UPDATE delivery SET status = 2, due = NULL, asked = 0");
  execute("INSERT INTO sqlite_schema SELECT * FROM kept; DROP TABLE kept");
  const auto store = must_open(directory.path());
  EXPECT_TRUE(store->load_asked(endpoint, Instant::min(), {}, 10)->empty());
}

}  // namespace
}  // namespace exposee::store
