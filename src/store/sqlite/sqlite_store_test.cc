// What the contract suite cannot ask of every store: files, crashes in the middle of a file, full disks.
#include "store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fakes/collected_chores.h"
#include "fakes/test_directory.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/file/test_disk.h"
#include "store/sqlite/test_store.h"

namespace exposee::store {
namespace {

TEST(SqliteStore, ASecondStoreOnTheSameDirectoryIsRefused) {
  const fakes::TestDirectory directory;
  const auto first = must_open(directory.path());
  EXPECT_EQ(SqliteStore::open(directory.path()).error().code, ErrorCode::locked);
}

TEST(SqliteStore, AFileOfANewerExposeeIsRefusedAndLeftAlone) {
  const fakes::TestDirectory directory;
  ASSERT_TRUE(commit_events(*must_open(directory.path()), events_from(1, 3)));
  const auto file = directory.path() + "/" + kDataFileName;
  ASSERT_TRUE((*Database::open(file, {}))->execute("PRAGMA user_version = 99"));
  EXPECT_EQ(SqliteStore::open(directory.path()).error().code, ErrorCode::newer_schema);
  ASSERT_TRUE(
      (*Database::open(file, {}))->execute("PRAGMA user_version = " + std::to_string(migrations().size())));
  EXPECT_EQ(count(*must_open(directory.path())), 3u);
}

TEST(SqliteStore, WhatIsNoDatabaseIsRefusedWithASentence) {
  const fakes::TestDirectory directory;
  std::ofstream(directory.path() + "/" + kDataFileName) << std::string(10'000, 'x');
  const auto refused = SqliteStore::open(directory.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::damaged);
  EXPECT_NE(refused.error().message.find("damaged"), std::string::npos);
}

TEST(SqliteStore, ItsFilesAreReadableByTheirOwnerAlone) {
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path() + "/data");
  ASSERT_TRUE(commit_events(*store, events_from(1, 1)));
  for (const auto& entry : std::filesystem::directory_iterator(directory.path() + "/data")) {
    struct stat status{};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 077, 0u) << entry.path();
  }
}

TEST(SqliteStore, SaysHowMuchItTakesAndHowMuchIsLeft) {
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path());
  const auto before = store->sizes();
  ASSERT_TRUE(before);
  ASSERT_TRUE(commit_events(*store, events_from(1, 100)));
  EXPECT_GT(store->sizes()->log, before->log) << "what is committed lies in the log first";
  EXPECT_GT(before->database, 0u);
  EXPECT_GT(before->free, 0u);
}

// How often the log was synced by a transaction of one event.
int syncs_of(SqliteStore& store, const TestDisk& disk, std::uint64_t n, Durability durability) {
  const int before = disk.syncs(TestDisk::log);
  EXPECT_TRUE(commit(store, {.durability = durability, .events = events_from(n, 1)}));
  return disk.syncs(TestDisk::log) - before;
}

TEST(SqliteStore, ACommitIsSyncedExactlyWhenItPromisesSomething) {
  const TestDisk disk;
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path());
  syncs_of(*store, disk, 1, Durability::at_commit);  // begins the log
  EXPECT_EQ(syncs_of(*store, disk, 2, Durability::at_commit), 1);
  EXPECT_EQ(syncs_of(*store, disk, 3, Durability::with_next), 0);
  EXPECT_EQ(syncs_of(*store, disk, 4, Durability::with_next), 0);
  EXPECT_EQ(syncs_of(*store, disk, 5, Durability::at_commit), 1);
}

TEST(SqliteStore, ACheckpointBringsWhatCameBeforeToTheDiskAlsoWhenItSaysTheSameAsTheLast) {
  const TestDisk disk;
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path());
  const auto checkpoint = [&] {
    ASSERT_TRUE(commit(*store, {.checkpoint = Checkpoint{first_seq(1), {}}}));
  };
  checkpoint();
  syncs_of(*store, disk, 1, Durability::with_next);
  const int before = disk.syncs(TestDisk::log);
  checkpoint();
  EXPECT_EQ(disk.syncs(TestDisk::log) - before, 1);
}

TEST(SqliteStore, ADiskThatFailedToSyncIsTrustedAgainOnlyByANewStart) {
  TestDisk disk;
  const fakes::TestDirectory directory;
  {
    const auto store = must_open(directory.path());
    ASSERT_TRUE(commit_events(*store, events_from(1, 3)));
    disk.fail_next_sync(TestDisk::log);
    const auto failed = commit_events(*store, events_from(4, 1));
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().hint.find("a new start reads everything again"), std::string::npos)
        << "the first error is what is logged";
    EXPECT_TRUE(store->disk_failed());
    const auto refused = commit_events(*store, events_from(4, 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_NE(refused.error().message.find("did not confirm"), std::string::npos);
  }
  EXPECT_GT(std::filesystem::file_size(directory.path() + "/" + kDataFileName + "-wal"), 0u)
      << "kept, to be copied again";
  const auto store = must_open(directory.path());
  EXPECT_GE(count(*store), 3u) << "what was acknowledged is there";
  EXPECT_TRUE(commit_events(*store, events_from(5, 1)));
}

// Until the thread waits for something.
void wait_until_asleep(pid_t thread) {
  for (char state = 'R'; state != 'S'; std::this_thread::yield()) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string text;
    std::getline(file, text);
    state = text.at(text.rfind(')') + 2);
  }
}

// The keeper copies while the store ends. SQLite counts as copied what the disk did not take, and would
// remove the log.
TEST(SqliteStore, ALogWhoseLastCopyTheDiskDidNotTakeIsKeptAndCopiedByTheNextStart) {
  TestDisk disk;
  const fakes::TestDirectory directory;
  auto store = must_open(directory.path());
  std::atomic<bool> copying = false, ending = false;
  disk.before_failed_sync = [&, ended_by = gettid()] {
    copying = true;
    ending.wait(false);
    wait_until_asleep(ended_by);
  };
  disk.fail_next_sync(TestDisk::data);
  std::uint64_t events = 0;
  for (; !copying; events += 10) ASSERT_TRUE(commit_events(*store, events_from(events + 1, 10)));
  ending = true;
  ending.notify_all();
  store.reset();
  EXPECT_GT(std::filesystem::file_size(directory.path() + "/" + kDataFileName + "-wal"), 0u);
  store = must_open(directory.path());
  EXPECT_EQ(count(*store), events);
}

TEST(SqliteStore, ADiskThatHadNoRoomToSyncIsFullAndGoesOnOnceThereIsRoom) {
  for (const int number : {ENOSPC, EDQUOT}) {
    for (const auto file : {TestDisk::log, TestDisk::data}) {
      TestDisk disk;
      const fakes::TestDirectory directory;
      auto store = must_open(directory.path());
      ASSERT_TRUE(commit_events(*store, events_from(1, 3)));
      disk.fail_next_sync(TestDisk::log, number);
      const auto failed = commit_events(*store, events_from(4, 1));
      ASSERT_FALSE(failed);
      EXPECT_EQ(failed.error().code, ErrorCode::full) << failed.error().message;
      EXPECT_FALSE(store->disk_failed());
      disk.fail_next_sync(file, number);  // still full, when all of it is copied anew
      EXPECT_EQ(commit_events(*store, events_from(4, 1)).error().code, ErrorCode::full);
      ASSERT_TRUE(commit_events(*store, events_from(4, 1))) << "there is room again";
      store.reset();
      store = must_open(directory.path());
      EXPECT_EQ(count(*store), 4u);
    }
  }
}

TEST(SqliteStore, ALogThatCannotBeMergedAtTheEndIsToldAndCopiedByTheNextStart) {
  for (const auto file : {TestDisk::log, TestDisk::data}) {
    TestDisk disk;
    const fakes::TestDirectory directory;
    fakes::CollectedChores chores;
    auto store = must_open(directory.path(), {.chores = &chores});
    ASSERT_TRUE(commit_events(*store, events_from(1, 3)));
    EXPECT_TRUE(chores.told().empty());
    disk.fail_next_write(file);
    store.reset();
    ASSERT_EQ(chores.told().size(), 1u);
    EXPECT_EQ(chores.told()[0].chore, StoreChore::log_end);
    EXPECT_EQ(chores.told()[0].error.code, ErrorCode::full);
    EXPECT_GT(std::filesystem::file_size(directory.path() + "/" + kDataFileName + "-wal"), 0u);
    store = must_open(directory.path(), {.chores = &chores});
    EXPECT_EQ(count(*store), 3u);
    store.reset();
    EXPECT_EQ(chores.told().size(), 1u) << "a store that ends well says nothing";
  }
}

// A process that dies leaves the file and its log behind; a machine that dies may have lost any part of the
// log's end.
TEST(SqliteStore, ALogCutOffAnywhereLeavesWholeTurns) {
  constexpr std::uint64_t kTurns = 12, kPerTurn = 10;
  const fakes::TestDirectory directory;
  const auto living = directory.path() + "/living", dead = directory.path() + "/dead";
  const auto store = must_open(living);
  for (std::uint64_t turn = 0; turn < kTurns; ++turn) {
    ASSERT_TRUE(commit_events(*store, events_from(1 + turn * kPerTurn, kPerTurn)));
  }
  const auto log = std::string("/") + kDataFileName + "-wal";
  const auto size = std::filesystem::file_size(living + log);
  std::uint64_t last = kTurns * kPerTurn;
  for (std::uint64_t cut = 0; cut < size; cut += size / 37) {
    std::filesystem::remove_all(dead);
    std::filesystem::create_directory(dead);
    for (const auto* part : {"", "-wal"}) {
      const auto name = std::string("/") + kDataFileName + part;
      std::filesystem::copy_file(living + name, dead + name);
    }
    std::filesystem::resize_file(dead + log, size - cut);
    auto reopened = SqliteStore::open(dead);
    ASSERT_TRUE(reopened) << reopened.error().message;
    const auto left = count(**reopened);
    EXPECT_EQ(left % kPerTurn, 0u) << "half a turn after cutting " << cut;
    EXPECT_LE(left, last);
    last = left;
    ASSERT_TRUE(commit_events(**reopened, events_from(left + 1, 1)));
  }
  EXPECT_LT(last, kTurns * kPerTurn);
}

TEST(SqliteStore, AFullDiskIsSaidSoAndPassesByItself) {
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path(), {.max_pages = 80});
  std::uint64_t stored = 0;
  Result<void> written;
  while ((written = commit_events(*store, events_from(stored + 1, 20)))) stored += 20;
  EXPECT_EQ(written.error().code, ErrorCode::full);
  EXPECT_EQ(count(*store), stored);
  EXPECT_FALSE(commit_events(*store, events_from(stored + 1, 20)));
  ASSERT_TRUE(store->set_max_pages(10'000));
  ASSERT_TRUE(commit_events(*store, events_from(stored + 1, 20)));
  EXPECT_EQ(count(*store), stored + 20);
}

TEST(SqliteStore, EveryWriteMayHitTheFullDiskAndTheTurnCanBeTriedAgain) {
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path());
  const auto turn = [&](std::uint64_t n) -> Result<void> {
    const std::vector events{event_of(n, 9'000)};
    std::vector<AttemptRow> attempts{{{events[0]->seq, EndpointNumber{1}}, 1, false, {}}};
    attempts[0].response.body.assign(9'000, 'x');
    const std::vector rows{DeliveryRow{.key = attempts[0].key, .status = DeliveryStatus::exhausted}};
    const std::vector<Document> documents{MessageRow{"a", "b", "b", "s", std::string(9'000, 'm'), {}}};
    const auto key = "key " + std::to_string(n);
    const StoredReply reply{"", 200, "", std::string(9'000, 'r')};
    const std::vector claims{KeyClaim{key, &reply}};
    return commit(*store, {.events = events,
                           .attempts = attempts,
                           .deliveries = rows,
                           .claims = claims,
                           .documents = documents});
  };
  ASSERT_TRUE(turn(1));
  std::uint64_t refused = 0;
  for (std::uint32_t pages = 20; pages < 60; ++pages) {  // SQLite never goes below what the file has
    ASSERT_TRUE(store->set_max_pages(pages));
    const auto done = turn(2);
    if (done) break;
    ++refused;
    EXPECT_EQ(done.error().code, ErrorCode::full);
    EXPECT_EQ(count(*store), 1u);
  }
  EXPECT_GT(refused, 5u);
  ASSERT_TRUE(store->set_max_pages(10'000));
  EXPECT_TRUE(turn(3));
}

TEST(SqliteStore, ALockThatTheSystemFailedToTakeBackIsGivenBackOnceItDoes) {
  TestDisk disk;
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path());
  const auto reader = *Database::open(directory.path() + "/" + kDataFileName, {.read_only = true});
  for (const int failures : {1, 3, 10, 50}) {
    disk.fail_unlocks(failures);
    for (int i = 0; i < 100 && disk.failing_unlocks() > 0; ++i) {
      (void)commit_events(*store, events_from(static_cast<std::uint64_t>(failures), 1));
    }
    EXPECT_EQ(disk.failing_unlocks(), 0);
    EXPECT_TRUE(commit(*store, {.checkpoint = Checkpoint{first_seq(1), {}}})) << failures;
    auto query = reader->query("SELECT count(*) FROM event");
    EXPECT_TRUE(query.step()) << failures;
  }
}

TEST(SqliteStore, AnotherProgramThatHoldsTheFileMakesItUnavailableForATime) {
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path());
  ASSERT_TRUE(commit_events(*store, events_from(1, 1)));
  {
    auto other = *Database::open(directory.path() + "/" + kDataFileName, {});
    ASSERT_TRUE(other->execute("BEGIN IMMEDIATE"));
    EXPECT_EQ(commit_events(*store, events_from(2, 1)).error().code, ErrorCode::unavailable);
    }
  EXPECT_TRUE(commit_events(*store, events_from(2, 1)));
}

TEST(SqliteStore, AReaderKeepsItsSnapshotWhileTheWriterGoesOn) {
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path());
  const auto reader = *store->open_reader();
  for (std::uint64_t n = 1; n <= 50; ++n) {
    ASSERT_TRUE(commit_events(*store, events_from(n * 100, 100)));
    EXPECT_EQ(*reader->count_events(), n * 100);
    EXPECT_TRUE(reader->event(event_of(n * 100 + 57)->id));
  }
}

TEST(SqliteStore, AReaderCannotWrite) {
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path());
  const auto reader = *Database::open(directory.path() + "/" + kDataFileName, {.read_only = true});
  EXPECT_EQ(reader->execute("DELETE FROM event").error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace exposee::store
