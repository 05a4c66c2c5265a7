#include "store/sqlite/file/page_check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "store/sqlite/database.h"
#include "fakes/test_directory.h"

namespace exposee::store {
namespace {

std::vector<unsigned char> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write_file(const std::string& path, const std::vector<unsigned char>& bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()),
                                              static_cast<std::streamsize>(bytes.size()));
}

// Of a file that is closed: its pages whose checksums are wrong, counted from 1.
std::vector<std::uint64_t> wrong_pages(const std::string& file) {
  const auto bytes = read_file(file);
  const auto format = page_format(bytes);
  EXPECT_TRUE(format.checked);
  std::vector<std::uint64_t> wrong;
  for (std::size_t at = 0; at + format.bytes <= bytes.size(); at += format.bytes) {
    if (!is_page_whole(std::span(bytes).subspan(at, format.bytes), at)) wrong.push_back(at / format.bytes + 1);
  }
  return wrong;
}

std::string integrity(Database& db) {
  auto query = db.query("PRAGMA integrity_check");
  return query.step() ? query.text(0) : query.result().error().message;
}

// Far more than a connection's memory for pages (2 MB) holds: pages are written long before the first one is.
constexpr const char* kFill =
    "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
    "INSERT INTO t (bytes) SELECT randomblob(3500) FROM n";

// A file with a table of some pages, closed.
class PageChecks : public testing::Test {
 protected:
  void SetUp() override {
    auto db = *Database::open(file_, {});
    ASSERT_TRUE(db->execute("CREATE TABLE t (n INTEGER PRIMARY KEY, bytes BLOB) STRICT;"
                            "INSERT INTO t (bytes) VALUES (zeroblob(9000)), (zeroblob(300)), (randomblob(9000))"));
  }
  Result<void> read() {
    auto db = Database::open(file_, {.read_only = true, .troubles = &told_});
    if (!db) return std::move(db).error();
    auto query = (*db)->query("SELECT sum(length(bytes) + length(hex(bytes))) FROM t");
    query.step();
    return query.result();
  }
  struct Told : RowTroubleSink {
    void row_in_trouble(const RowTrouble& trouble) override { rows.push_back(trouble.table + " " + trouble.row); }
    std::vector<std::string> rows;
  };

  const fakes::TestDirectory directory_;
  const std::string file_ = directory_.path() + "/db";
  Told told_;
};

TEST_F(PageChecks, EveryBitOfAPageCounts) {
  std::vector<unsigned char> page(512, 7);
  stamp_page(page, 1024);
  EXPECT_TRUE(is_page_whole(page, 1024));
  EXPECT_FALSE(is_page_whole(page, 512)) << "a page in another's place";
  for (std::size_t bit = 0; bit < page.size() * 8; ++bit) {
    page[bit / 8] ^= static_cast<unsigned char>(1 << (bit % 8));
    EXPECT_FALSE(is_page_whole(page, 1024)) << bit;
    page[bit / 8] ^= static_cast<unsigned char>(1 << (bit % 8));
  }
}

TEST_F(PageChecks, ANewFileIsCheckedAndEveryPageOfItIsWhole) {
  EXPECT_THAT(wrong_pages(file_), testing::IsEmpty());
  EXPECT_TRUE(read());
}

TEST_F(PageChecks, ABitTurnedOverInAnyPageIsDamageThatNamesThePage) {
  const auto whole = read_file(file_);
  const auto page_bytes = page_format(whole).bytes;
  for (std::size_t at = 0; at < whole.size(); at += 511) {
    auto bytes = whole;
    bytes[at] ^= 4;
    write_file(file_, bytes);
    const auto got = read();
    ASSERT_FALSE(got) << at;
    EXPECT_EQ(got.error().code, ErrorCode::damaged) << at;
    if (at < 16) continue;  // then it is not SQLite's
    EXPECT_EQ(told_.rows.back(), "pages of the file " + std::to_string(at / page_bytes + 1));
  }
}

TEST_F(PageChecks, AHeaderThatHidesThatPagesAreCheckedIsDamage) {
  for (int bit = 0; bit < 8; ++bit) {
    auto bytes = read_file(file_);
    bytes[20] ^= static_cast<unsigned char>(1 << bit);
    write_file(file_, bytes);
    EXPECT_EQ(read().error().code, ErrorCode::damaged) << bit;
    EXPECT_EQ(*accept_pages(file_), std::vector<std::uint64_t>{1});
    EXPECT_TRUE(read()) << bit;
  }
}

TEST_F(PageChecks, PagesBeyondTheEndOfTheFileAreMissing) {
  std::filesystem::resize_file(file_, std::filesystem::file_size(file_) - page_format(read_file(file_)).bytes);
  EXPECT_EQ(read().error().code, ErrorCode::damaged);
}

TEST_F(PageChecks, ACopyTooLargeForMemoryIsCheckedAlsoWhereItsPagesComeFromTheLog) {
  const auto copy = directory_.path() + "/copy";
  const auto db = *Database::open(file_, {.cache_kib = 100});
  ASSERT_TRUE(db->execute(kFill));
  ASSERT_TRUE(db->empty_log());
  ASSERT_TRUE(db->execute("UPDATE t SET bytes = randomblob(300) WHERE n % 10 < 2"));  // low and high pages
  std::ofstream(copy).close();
  ASSERT_TRUE((*Database::open(file_, {.read_only = true}))->copy_to(copy));
  EXPECT_GT(std::filesystem::file_size(copy), 4'000'000u);
  EXPECT_THAT(wrong_pages(copy), testing::IsEmpty());
  EXPECT_EQ(integrity(**Database::open(copy, {})), "ok");
  EXPECT_EQ(integrity(*db), "ok") << "and the copying took nothing from the first";
}

TEST_F(PageChecks, EveryWayToWriteMoreThanFitsIntoMemoryLeavesEveryPageChecked) {
  constexpr const char* kModes[] = {"OFF", "WAL"};  // of copies; of the store
  for (const std::string mode : kModes) {
    const auto file = directory_.path() + "/" + mode;
    {
      const auto db = *Database::open(file, {.cache_kib = 100});
      ASSERT_TRUE(db->execute("PRAGMA journal_mode = " + mode + "; CREATE TABLE t (n INTEGER PRIMARY KEY, bytes BLOB);" +
                              kFill + "; DELETE FROM t WHERE n % 2; VACUUM"));
      EXPECT_EQ(integrity(*db), "ok") << mode;
    }
    EXPECT_THAT(wrong_pages(file), testing::IsEmpty()) << mode;
  }
}

TEST_F(PageChecks, AFileOfAnEarlierVersionIsReadAndGetsChecksumsWithACopy) {
  const auto old = directory_.path() + "/old", copy = directory_.path() + "/copy";
  sqlite3* plain = nullptr;
  ASSERT_EQ(sqlite3_open(old.c_str(), &plain), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(plain, ("CREATE TABLE t (n INTEGER PRIMARY KEY, bytes BLOB);" + std::string(kFill)).c_str(), nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(plain);
  auto db = *Database::open(old, {});
  ASSERT_TRUE(db->execute("INSERT INTO t (bytes) VALUES (1)"));
  EXPECT_FALSE(format_of(old)->checked);
  std::ofstream(copy).close();
  ASSERT_TRUE(db->copy_to(copy));
  EXPECT_THAT(wrong_pages(copy), testing::IsEmpty());
  const auto opened = *Database::open(copy, {});
  auto query = opened->query("SELECT count(*) FROM t");
  EXPECT_TRUE(query.step());
  EXPECT_EQ(query.integer(0), 1501);
}

}  // namespace
}  // namespace exposee::store
