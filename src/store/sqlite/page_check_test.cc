#include "store/sqlite/page_check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "store/sqlite/database.h"
#include "store/sqlite/test_directory.h"

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

  const TestDirectory directory_;
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
  const auto bytes = read_file(file_);
  const auto format = page_format(bytes);
  EXPECT_TRUE(format.checked);
  ASSERT_EQ(bytes.size() % format.bytes, 0u);
  for (std::size_t at = 0; at < bytes.size(); at += format.bytes) {
    EXPECT_TRUE(is_page_whole(std::span(bytes).subspan(at, format.bytes), at)) << at;
  }
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

TEST_F(PageChecks, AFileOfAnEarlierVersionIsReadAndGetsChecksumsWithACopy) {
  const auto old = directory_.path() + "/old", copy = directory_.path() + "/copy";
  sqlite3* plain = nullptr;
  ASSERT_EQ(sqlite3_open(old.c_str(), &plain), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(plain, "CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(9000))", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(plain);
  auto db = *Database::open(old, {});
  ASSERT_TRUE(db->execute("INSERT INTO t VALUES (1)"));
  EXPECT_FALSE(format_of(old)->checked);
  std::ofstream(copy).close();
  ASSERT_TRUE(db->copy_to(copy));
  EXPECT_TRUE(format_of(copy)->checked);
  const auto opened = *Database::open(copy, {});
  auto query = opened->query("SELECT count(*) FROM t");
  EXPECT_TRUE(query.step());
  EXPECT_EQ(query.integer(0), 2);
}

}  // namespace
}  // namespace exposee::store
