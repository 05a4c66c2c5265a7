// Who is sent to 'exposee accept-data': those whom it helps.
#include "store/sqlite/acceptable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "fakes/test_directory.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::store {
namespace {

using testing::HasSubstr;

constexpr Instant kNow{};

class Acceptable : public testing::Test {
 protected:
  static void make(const std::string& directory) {
    EXPECT_TRUE(SqliteStore::open(directory, {.durable = false}));
  }

  fakes::TestDirectory root_;
  const std::string home_ = root_.path() + "/home", copy_ = root_.path() + "/copy";
};

// Where a page of the table begins.
std::streamoff root_of(const std::string& file, const std::string& table) {
  const auto db = *Database::open(file, {});
  auto query = db->prepared(db->prepare("SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'"));
  EXPECT_TRUE(query.step());
  return (query.integer(0) - 1) * 4096;
}

// The way out of it.
std::string why_no_start(const std::string& directory) {
  auto store = SqliteStore::open(directory, {.durable = false});
  if (!store) return store.error().hint;
  auto state = (*store)->load_start();
  if (state) return "it starts";
  store->reset();
  return with_way_out(std::move(state).error(), directory + "/exposee.db").hint;
}

// What it is says its first byte. Accepted as it is, SQLite cannot use it.
TEST_F(Acceptable, APageThatAcceptingCannotMendIsNotAcceptedAndWhatHelpsIsNamed) {
  for (const std::string table : {"meta", "endpoint", "subscription"}) {
    SCOPED_TRACE(table);
    const auto home = root_.path() + "/home_of_" + table, file = home + "/exposee.db";
    make(home);
    const auto root = root_of(file, table);
    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(root) << '\x07';
    const auto accepted = accept_data(home);
    const auto start = why_no_start(home);
    const auto backup = back_up(home, copy_, kNow);
    ASSERT_FALSE(accepted);
    ASSERT_FALSE(backup);
    for (const auto& hint : {accepted.error().hint, start, backup.error().hint}) {
      EXPECT_EQ(hint, "Restore a backup: docs/operating.md, section \"Backup and restore\".");
    }
  }
}

TEST_F(Acceptable, WhereEveryChecksumIsRightNobodyIsSentToAcceptIt) {
  make(home_);
  const auto file = home_ + "/exposee.db";
  const auto root = root_of(file, "delivery");
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(root) << '\x07';
  ASSERT_TRUE(accept_data(home_)) << "a start needs none of it";
  const auto refused = back_up(home_, copy_, kNow);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().hint, testing::Not(HasSubstr("accept-data")));
}

}  // namespace
}  // namespace exposee::store
