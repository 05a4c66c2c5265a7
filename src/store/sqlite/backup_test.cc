#include "store/sqlite/backup.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

#include "fakes/test_directory.h"
#include "store/sqlite/database.h"
#include "store/sqlite/file/data_directory.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

const Instant kNow = from_micros(1'746'590'590'779'082);

class BackupTest : public testing::Test {
 protected:
  BackupTest() : home_(root_.path() + "/home"), copy_(root_.path() + "/copy") {}

  static std::unique_ptr<SqliteStore> open(const std::string& directory) {
    auto store = SqliteStore::open(directory, {.durable = false});
    EXPECT_TRUE(store) << store.error().message;
    return store ? *std::move(store) : nullptr;
  }
  static ErrorCode error_of_opening(const std::string& directory) {
    const auto store = SqliteStore::open(directory, {.durable = false});
    return store ? ErrorCode{} : store.error().code;
  }
  static void add_user(SqliteStore& store, const std::string& name) {
    const std::vector<Document> documents{UserRow{name, kNow}};
    ASSERT_TRUE(store.write({.documents = documents}));
  }
  static std::size_t users(SqliteStore& store) {
    std::size_t count = 0;
    const auto read =
        (*store.open_reader())->users(0, [&](std::uint64_t, const UserRow&) { return ++count > 0; });
    EXPECT_TRUE(read);
    return count;
  }

  static std::map<std::string, std::string> all_bytes_in(const std::string& directory) {
    std::map<std::string, std::string> bytes;
    for (const auto& file : fs::directory_iterator(directory)) {
      std::ifstream from(file.path(), std::ios::binary);
      bytes[file.path().filename()] = {std::istreambuf_iterator<char>(from), {}};
    }
    return bytes;
  }
  static std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : all_bytes_in(directory)) names.push_back(name);
    return names;
  }

  // The directory as it would lie there if the process ended now.
  std::string killed(const std::string& name) {
    const auto to = root_.path() + "/" + name;
    fs::copy(home_, to, fs::copy_options::recursive);
    return to;
  }

  fakes::TestDirectory root_;
  const std::string home_, copy_;
};

// What its type is said to be decides for whom it counts.
TEST_F(BackupTest, AnEventThatIsNotWhatWasAcceptedCountsAsPendingForWhoeverMayBeOwedIt) {
  {
    const auto store = open(home_);
    const RegistryChanges registry{
        .version = RegistryVersion{1},
        .types = {{TypeNumber{1}, "order.paid", "", kNow}, {TypeNumber{2}, "order.made", "", kNow}},
        .endpoints = {std::make_shared<const Endpoint>(
            Endpoint{.number = EndpointNumber{1}, .url = "http://a.example/", .created_at = kNow})},
        .subscriptions = {{"order.paid", EndpointNumber{1}, RegistryVersion{1}, {}}}};
    std::vector<EventRef> events;
    for (std::uint64_t n = 0; n < 3; ++n) {
      events.push_back(std::make_shared<Event>(Event{EventSeq{first_seq(1).value + n},
                                                     EventId{uuid_v7(kNow, {static_cast<std::uint8_t>(n)})},
                                                     TypeNumber{n == 2 ? 2u : 1u}, RegistryVersion{1}, kNow, "", "{}"}));
    }
    ASSERT_TRUE(store->write({.events = events, .registry = &registry}));
  }
  const auto first = std::to_string(first_seq(1).value);
  ASSERT_TRUE((*Database::open(home_ + "/exposee.db", {}))->execute("UPDATE event SET type = 2 WHERE seq = " + first));
  const auto report = back_up(home_, copy_, kNow);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->pending, 2u) << "but not the third, which is whole";
}

TEST_F(BackupTest, IsDataThatAStoreGoesOnFromWhileTheFirstIsInUse) {
  const auto store = open(home_);
  add_user(*store, "alice");
  const auto report = back_up(home_, copy_, kNow);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->schema, migrations().size());
  EXPECT_EQ(report->bytes, fs::file_size(copy_ + "/exposee.db"));
  add_user(*store, "bob");
  EXPECT_FALSE(fs::exists(copy_ + "/exposee.db-wal"));
  {
    const auto restored = open(copy_);
    ASSERT_TRUE(restored && restored->restored_from());
    EXPECT_EQ(restored->restored_from()->taken_at, kNow);
    EXPECT_EQ(users(*restored), 1u);
  }
  EXPECT_FALSE(open(copy_)->restored_from()) << "said once";
  EXPECT_FALSE(store->restored_from());
}

// A first event that was delivered; a second whose attempt failed; a third that nobody tried yet; a fourth
// that was delivered and then asked for once more.
class BackupWithPending : public BackupTest {
 protected:
  BackupWithPending() {
    const auto store = open(home_);
    fill(*store);
    const auto report = back_up(home_, copy_, kNow);
    EXPECT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->pending, 3u);
  }

  static EventSeq seq(std::uint64_t n) { return EventSeq{first_seq(1).value + n - 1}; }
  static DeliveryKey key(std::uint64_t n) { return {seq(n), kEndpoint}; }

  static void fill(SqliteStore& store) {
    const RegistryChanges registry{
        .version = RegistryVersion{1},
        .types = {{TypeNumber{1}, "order.paid", "", kNow}},
        .endpoints = {std::make_shared<const Endpoint>(
            Endpoint{.number = kEndpoint, .url = "http://a.example/", .created_at = kNow})},
        .subscriptions = {{"order.paid", kEndpoint, RegistryVersion{1}, {}}}};
    std::vector<EventRef> events;
    for (std::uint64_t n = 1; n <= 4; ++n) {
      auto event = std::make_shared<Event>();
      event->seq = seq(n);
      event->id = EventId{uuid_v7(kNow, {static_cast<std::uint8_t>(n)})};
      event->type = TypeNumber{1};
      event->version = RegistryVersion{1};
      event->accepted_at = kNow;
      event->body = "{}";
      events.push_back(std::move(event));
    }
    std::vector<AttemptRow> attempts;
    for (const std::uint64_t n : {1, 4}) attempts.push_back({.key = key(n), .succeeded = true});
    for (auto& attempt : attempts) attempt.response.status = 200;
    const DeliveryRow failed{.key = key(2), .attempts = 1, .due = kNow, .cause = Cause::http};
    const DeliveryRow asked{
        .key = key(4), .attempts = 1, .manual = true, .once = true, .due = kNow, .by_hand = 1, .asked = true};
    const std::vector rows{failed, asked};
    EXPECT_TRUE(store.write(
        {.events = events, .attempts = attempts, .deliveries = rows, .registry = &registry}));
  }

  static OwedPage owed_of(SqliteStore& store) {
    const auto page = store.load_owed(kEndpoint, std::vector{seq(1), seq(2), seq(3), seq(4)}, SIZE_MAX);
    EXPECT_TRUE(page);
    return *page;
  }

  std::vector<DeliveryStatus> statuses() {
    const auto store = open(copy_);
    std::vector<DeliveryStatus> all;
    for (std::uint64_t n = 1; n <= 4; ++n) {
      const auto row = store->look({.deliveries = {key(n)}})->deliveries.at(0);
      all.push_back(row->status);
      EXPECT_EQ(row->cause == Cause::backup, row->status == DeliveryStatus::cancelled) << n;
    }
    return all;
  }

  static constexpr EndpointNumber kEndpoint{1};
};

TEST_F(BackupWithPending, IsNotServedUntilSomebodySaysWhatBecomesOfIt) {
  for (int round = 0; round < 2; ++round) {
    const auto refused = SqliteStore::open(copy_, {.durable = false});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::undecided);
    EXPECT_THAT(refused.error().message, HasSubstr(iso_text(kNow) + ", when 3 deliveries were pending"));
    EXPECT_THAT(refused.error().hint, HasSubstr("exposee accept-data --data " + copy_ + " --pending cancel"));
  }
  EXPECT_EQ(accept_data(copy_).error().code, ErrorCode::undecided);
}

TEST_F(BackupWithPending, SendsOnceItWasSaidSo) {
  const auto settled = settle_backup(copy_, PendingOfBackup::send, kNow);
  ASSERT_TRUE(settled) << settled.error().message;
  EXPECT_EQ(settled->taken_at, kNow);
  EXPECT_EQ(settled->pending, 3u);
  using enum DeliveryStatus;
  EXPECT_EQ(statuses(), (std::vector{succeeded, pending, pending, pending}));
  EXPECT_EQ(settle_backup(copy_, PendingOfBackup::cancel, kNow).error().code, ErrorCode::conflict);
  EXPECT_FALSE(open(copy_)->restored_from());
}

TEST_F(BackupWithPending, CancelsAlsoWhatWasOwedWithoutARow) {
  const auto settled = settle_backup(copy_, PendingOfBackup::cancel, kNow);
  ASSERT_TRUE(settled) << settled.error().message;
  EXPECT_EQ(settled->pending, 3u);
  using enum DeliveryStatus;
  EXPECT_EQ(statuses(), (std::vector{succeeded, cancelled, cancelled, succeeded}));
  const auto store = open(copy_);
  EXPECT_TRUE(store->load_start()->pending.empty());
  EXPECT_TRUE(owed_of(*store).events.empty());
}

TEST_F(BackupWithPending, CountsAndCancelsWhatStandsInAPackOnce) {
  const auto home = killed("packed home"), copy = root_.path() + "/packed copy";
  {
    const auto store = open(home);
    EventPack pack;
    pack.add(seq(1));
    pack.add(seq(3));
    const std::vector packs{BacklogPack{kEndpoint, pack}};
    ASSERT_TRUE(store->write({.checkpoint = Checkpoint{seq(4), {}}, .packs = packs}));
  }
  const auto report = back_up(home, copy, kNow);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->pending, 3u);
  EXPECT_EQ(settle_backup(copy, PendingOfBackup::cancel, kNow)->pending, 3u);
  const auto store = open(copy);
  EXPECT_TRUE(store->load_start()->packs.empty());
  EXPECT_TRUE(owed_of(*store).events.empty());
}

// A start mends such rows, and would then find more to send than was cancelled.
TEST_F(BackupWithPending, CancelsWhatADamagedRowHides) {
  constexpr const char* kDamage[] = {
      "INSERT OR REPLACE INTO lane_mark (endpoint, low_water) VALUES (1, 9223372036854775807)",
      "UPDATE shard_mark SET low_water = 9223372036854775807",
      "DELETE FROM event_type",
  };
  for (const std::string damage : kDamage) {
    const auto home = killed("home " + damage.substr(0, 6)), copy = home + " copy";
    {
      auto db = Database::open(home + "/exposee.db", {});
      ASSERT_TRUE(db && (*db)->execute(damage)) << damage;
    }
    const auto report = back_up(home, copy, kNow);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->pending, 3u) << damage;
    const auto settled = settle_backup(copy, PendingOfBackup::cancel, kNow);
    ASSERT_TRUE(settled) << settled.error().message;
    EXPECT_EQ(settled->pending, 3u) << damage;
    EXPECT_TRUE(open(copy)->load_start()->pending.empty()) << damage;
    EXPECT_TRUE(owed_of(*open(copy)).unreadable.empty()) << damage;
  }
}

TEST_F(BackupTest, OnlyABackupIsDecidedOn) {
  open(home_);
  EXPECT_EQ(settle_backup(home_, PendingOfBackup::cancel, kNow).error().code, ErrorCode::conflict);
  EXPECT_EQ(settle_backup(copy_, PendingOfBackup::cancel, kNow).error().code, ErrorCode::not_found);
}

TEST_F(BackupTest, OverwritesNothing) {
  const auto store = open(home_);
  ASSERT_TRUE(back_up(home_, copy_, kNow));
  EXPECT_EQ(back_up(home_, copy_, kNow).error().code, ErrorCode::conflict);
  EXPECT_EQ(back_up(home_, home_, kNow).error().code, ErrorCode::conflict);
}

// Whoever takes a backup has no data directory to choose.
TEST_F(BackupTest, WhereItCannotBeWrittenIsSaidInItsOwnWords) {
  const auto store = open(home_);
  const auto refused = [&](const std::string& to) {
    const auto error = back_up(home_, to, kNow).error();
    EXPECT_EQ((error.message + error.hint).find("data directory"), std::string::npos)
        << error.message << error.hint;
    return error;
  };
  std::ofstream(copy_) << "a file";
  const auto file = refused(copy_);
  EXPECT_EQ(file.message, copy_ + " is not a directory.");
  EXPECT_EQ(file.hint, "Choose another directory.");
  EXPECT_EQ(refused(copy_ + "/below").message, copy_ + " is not a directory.");
  EXPECT_TRUE(
      refused("/proc/backup").message.starts_with("Cannot make the backup's directory /proc/backup: "));
  fs::remove(copy_);
  const auto other = DataDirectory::open(copy_);
  const auto busy = refused(copy_);
  EXPECT_EQ(busy.code, ErrorCode::locked);
  EXPECT_EQ(busy.message,
            "The backup's directory " + copy_ + " is in use by process " + std::to_string(::getpid()) + ".");
  EXPECT_EQ(busy.hint, "Another backup perhaps: wait until it has ended, or choose another directory.");
}

TEST_F(BackupTest, OfNoDataOrDamagedDataIsRefusedAndLeavesNoData) {
  EXPECT_EQ(back_up(home_, copy_, kNow).error().code, ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(copy_));
  fs::create_directories(home_);
  std::ofstream(home_ + "/exposee.db") << std::string(10'000, 'x');
  EXPECT_FALSE(back_up(home_, copy_ + "/deep", kNow));
  EXPECT_FALSE(fs::exists(copy_)) << "nor anything else that it made";
  fs::create_directories(copy_);
  std::ofstream(copy_ + "/mine") << "x";
  EXPECT_FALSE(back_up(home_, copy_, kNow));
  EXPECT_THAT(names_in(copy_), ElementsAre("mine"));
}

TEST_F(BackupTest, OfDataThatNobodyUsesLeavesItAsItWas) {
  add_user(*open(home_), "alice");
  ASSERT_TRUE(back_up(home_, root_.path() + "/first", kNow));
  for (const auto& source : {home_, root_.path() + "/first"}) {
    const auto before = all_bytes_in(source);
    ASSERT_TRUE(back_up(source, copy_, kNow));
    EXPECT_EQ(all_bytes_in(source), before);
    fs::remove_all(copy_);
  }
  EXPECT_THAT(names_in(home_), ElementsAre("exposee.db", "lock"));
}

TEST_F(BackupTest, ACopyWithoutItsLogIsNoticedAndCanBeAccepted) {
  auto store = open(home_);
  add_user(*store, "alice");
  const auto lost = killed("lost");
  fs::remove(lost + "/exposee.db-wal");
  const auto emptied = killed("emptied");
  fs::resize_file(emptied + "/exposee.db-wal", 0);
  for (const auto& each : {lost, emptied}) {
    EXPECT_EQ(error_of_opening(each), ErrorCode::not_found) << each;
    EXPECT_EQ(error_of_opening(each), ErrorCode::not_found) << "to look changes nothing";
    EXPECT_EQ(back_up(each, copy_, kNow).error().code, ErrorCode::not_found);
    EXPECT_THAT(accept_data(each)->log_lost, HasSubstr("exposee.db-wal is missing"));
    EXPECT_EQ(accept_data(each)->log_lost, "") << "said once, of what is sound now";
    EXPECT_EQ(users(*open(each)), 0u);
  }
}

std::string bytes_of(const std::string& file) {
  std::ifstream from(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(from), {}};
}

TEST_F(BackupTest, WhatCannotBeAcceptedIsLeftAsItIsAndNobodyIsSentInCircles) {
  open(home_);
  const auto file = home_ + "/exposee.db", whole = bytes_of(file);
  const auto flipped = [&](std::size_t at, char bits) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ bits);
    return bytes;
  };
  const struct {
    const char* what;
    std::string bytes;
  } rows[] = {{"how it may be written", flipped(18, 1)},
              {"how many pages there are", flipped(30, 1)},
              {"what the first page is", flipped(100, 4)},
              {"cut off", whole.substr(0, whole.size() - 4096)},
              {"cut off within a page", whole.substr(0, 1000)}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    std::ofstream(file, std::ios::binary) << row.bytes;
    const auto start = SqliteStore::open(home_, {.durable = false});
    const auto accepted = accept_data(home_);
    ASSERT_FALSE(accepted);
    EXPECT_EQ(accepted.error().code, ErrorCode::damaged);
    EXPECT_THAT(accepted.error().hint, testing::Not(HasSubstr("accept-data")));
    EXPECT_THAT(accepted.error().hint, HasSubstr("backup"));
    ASSERT_FALSE(start);
    EXPECT_THAT(start.error().hint, testing::Not(HasSubstr("accept-data")));
    EXPECT_TRUE(bytes_of(file) == row.bytes) << "it was changed";
  }
}

TEST_F(BackupTest, ARefusalThatCanBeAcceptedNamesTheWholeCommand) {
  auto store = open(home_);
  const auto lost = killed("lost");
  fs::remove(lost + "/exposee.db-wal");
  store.reset();
  const auto broken = killed("broken");
  std::fstream(broken + "/exposee.db", std::ios::in | std::ios::out | std::ios::binary).seekp(4000) << "damage";
  for (const auto& each : {lost, broken}) {
    const auto refused = SqliteStore::open(each, {.durable = false});
    ASSERT_FALSE(refused) << each;
    EXPECT_THAT(refused.error().hint, HasSubstr("exposee accept-data --data " + each + "."));
    EXPECT_TRUE(accept_data(each)) << each;
    EXPECT_TRUE(open(each)) << each;
  }
}

TEST_F(BackupTest, ALogWithoutItsDataIsNoticed) {
  auto store = open(home_);
  add_user(*store, "alice");
  const auto gone = killed("gone"), emptied = killed("emptied");
  fs::remove(gone + "/exposee.db");
  fs::resize_file(emptied + "/exposee.db", 0);
  for (const auto& each : {gone, emptied}) {
    EXPECT_EQ(error_of_opening(each), ErrorCode::not_found) << each;
    EXPECT_GT(fs::file_size(each + "/exposee.db-wal"), 0u) << "the log is kept";
  }
}

TEST_F(BackupTest, EveryOrderlyEndAndEveryKillLeavesDataThatIsWhole) {
  auto store = open(home_);
  EXPECT_EQ(users(*open(killed("at once"))), 0u);
  add_user(*store, "alice");
  EXPECT_EQ(users(*open(killed("with a commit"))), 1u);
  store.reset();
  EXPECT_FALSE(fs::exists(home_ + "/exposee.db-wal"));
  const auto stopped = killed("stopped");
  fs::remove(stopped + "/lock");
  EXPECT_EQ(users(*open(stopped)), 1u) << "the file alone is whole";
}

TEST_F(BackupTest, FilesThatAreRemovedOrReplacedUnderTheStoreAreNoticed) {
  for (const char* name : {"lock", "exposee.db", "exposee.db-wal"}) {
    fs::remove_all(home_);
    const auto store = open(home_);
    EXPECT_TRUE(store->has_its_files());
    fs::rename(home_ + "/" + name, home_ + "/moved");
    EXPECT_FALSE(store->has_its_files()) << name;
    std::ofstream(home_ + "/" + name) << "another";
    EXPECT_FALSE(store->has_its_files()) << name;
  }
}

}  // namespace
}  // namespace exposee::store
