#include "store/sqlite/rows/type_blocks.h"

#include <gtest/gtest.h>

#include <string>

#include "fakes/test_directory.h"
#include "store/sqlite/migrations.h"

namespace exposee::store {
namespace {

constexpr std::size_t kSchemaBefore = 16;
constexpr std::uint64_t kFar = 100 * kTypeBlock;  // an event of the newest block

class TypeBlocks : public testing::Test {
 protected:
  TypeBlocks() { EXPECT_TRUE(migrate(*db_)); }

  static EventRef event(std::uint64_t seq, std::uint64_t type) {
    return std::make_shared<const Event>(Event{.seq = EventSeq{seq}, .type = TypeNumber{type}});
  }
  void note(std::uint64_t seq, std::uint64_t type) {
    const std::vector events{event(seq, type)};
    ASSERT_TRUE(notes_.note(events));
  }
  // "5 to 9, not 1 to 4": numbers within blocks are those of the range.
  std::string parts(std::optional<std::vector<TypeNumber>> types, std::uint64_t first, std::uint64_t last) {
    TypeParts all(*db_, std::move(types), {EventSeq{first}, EventSeq{last}});
    std::string text;
    while (true) {
      const auto part = all.next();
      EXPECT_TRUE(part) << part.error().message;
      if (!*part) return text;
      text += text.empty() ? "" : ", ";
      text += (*part)->may_hold ? "" : "not ";
      text += std::to_string((*part)->range.first.value) + " to " + std::to_string((*part)->range.last.value);
    }
  }
  static std::vector<TypeNumber> types(std::initializer_list<std::uint64_t> numbers) {
    std::vector<TypeNumber> all;
    for (const auto number : numbers) all.push_back(TypeNumber{number});
    return all;
  }
  std::int64_t rows() {
    auto query = db_->query("SELECT count(*) FROM type_block WHERE type > 0");
    return query.step() ? query.integer(0) : -1;
  }
  static std::string range(std::uint64_t first, std::uint64_t last) {
    return std::to_string(first) + " to " + std::to_string(last);
  }

  fakes::TestDirectory directory_;
  std::unique_ptr<Database> db_ = *Database::open(directory_.path() + "/data.db", {.cache_kib = 256});
  TypeBlockNotes notes_{*db_};
};

TEST_F(TypeBlocks, EachTypeHasARowABlockHoweverManyEvents) {
  for (std::uint64_t n = 0; n < 100; ++n) note(kTypeBlock - 50 + n, 1 + n % 2);
  EXPECT_EQ(rows(), 4);
  notes_.forget();
  note(kTypeBlock + 60, 1);
  EXPECT_EQ(rows(), 4) << "what is there already is written again";
}

TEST_F(TypeBlocks, PartsAreThoseThatHoldAndThoseThatDoNot) {
  note(5, 1);
  note(2 * kTypeBlock + 7, 1);
  note(2 * kTypeBlock + 8, 2);
  note(kFar, 3);
  EXPECT_EQ(parts(types({1}), 1, kFar),
            "not " + range(3 * kTypeBlock, kFar) + ", " + range(2 * kTypeBlock, 3 * kTypeBlock - 1) +
                ", not " + range(kTypeBlock, 2 * kTypeBlock - 1) + ", " + range(1, kTypeBlock - 1));
  EXPECT_EQ(parts(types({2, 3}), 2 * kTypeBlock + 1, kFar),
            range(kFar, kFar) + ", not " + range(3 * kTypeBlock, kFar - 1) + ", " +
                range(2 * kTypeBlock + 1, 3 * kTypeBlock - 1));
  EXPECT_EQ(parts(types({4}), 1, kFar), "not " + range(1, kFar));
  EXPECT_EQ(parts(types({}), 1, kFar), "not " + range(1, kFar));
  EXPECT_EQ(parts(std::nullopt, 1, kFar), range(1, kFar));
  EXPECT_EQ(parts(types({1}), 2, 1), "");
}

TEST_F(TypeBlocks, OfEventsThatWereThereBeforeNothingIsKnown) {
  fakes::TestDirectory directory;
  db_ = *Database::open(directory.path() + "/data.db", {.cache_kib = 256});
  ASSERT_TRUE(migrate(*db_, migrations().first(kSchemaBefore)));
  ASSERT_TRUE(db_->execute("INSERT INTO event VALUES (" + std::to_string(kTypeBlock + 3) +
                           ", x'00', 1, 1, 1, x'', 0)"));
  ASSERT_TRUE(migrate(*db_));
  EXPECT_EQ(parts(types({4}), 1, kFar),
            "not " + range(2 * kTypeBlock, kFar) + ", " + range(1, 2 * kTypeBlock - 1));
}

TEST_F(TypeBlocks, WhatIsNotToBeReadTellsNothing) {
  ASSERT_TRUE(db_->execute("DELETE FROM type_block"));
  EXPECT_EQ(parts(types({4}), 1, kFar), range(1, kFar));
}

TEST_F(TypeBlocks, GoWithTheEventsBeforeThem) {
  ASSERT_TRUE(
      db_->execute("INSERT INTO event_type (number, name, description, created_at) VALUES (1, 'a', '', 0)"));
  note(5, 1);
  note(kTypeBlock + 5, 1);
  note(2 * kTypeBlock + 5, 1);
  ASSERT_TRUE(db_->execute("INSERT INTO event VALUES (" + std::to_string(kTypeBlock + 5) +
                           ", x'00', 1, 1, 1, x'', 0)"));
  ASSERT_TRUE(notes_.remove_old());
  EXPECT_EQ(rows(), 2);
  EXPECT_EQ(parts(types({4}), 1, kFar), "not " + range(1, kFar)) << "where it begins is known still";
}

}  // namespace
}  // namespace exposee::store
