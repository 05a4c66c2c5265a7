// Rows by type of the fourteenth schema become rows by pattern: what is owed stays the same.
#include "store/sqlite/rows/pattern_migration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/event_type.h"
#include "core/registry.h"
#include "fakes/test_directory.h"
#include "store/sqlite/migrations.h"

namespace exposee::store {
namespace {

using Patterns = std::vector<std::string>;

// A file of the fourteenth schema, written as its engine did: a version for every change, a row for every type that an
// endpoint's patterns match.
class OldFile {
 public:
  OldFile() {
    EXPECT_TRUE(migrate(*db_, migrations().first(14)));
    declare("user");
    declare("order.paid");
  }

  void declare(const std::string& name) {
    ++version_;
    types_.push_back(name);
    sql("INSERT INTO event_type VALUES (" + text(types_.size()) + ", '" + name + "', '', 0, NULL)");
    for (const auto& [endpoint, patterns] : wanted_) follow(endpoint);
  }
  // None: it is disabled.
  void want(std::uint64_t endpoint, const Patterns& patterns) {
    ++version_;
    wanted_[endpoint] = patterns;
    sql("INSERT OR REPLACE INTO endpoint (number, id, url, description, secret, max_in_flight, rate_per_second, ordered,"
        " paused, disabled_reason, created_at, updated_at) VALUES (" +
        text(endpoint) + ", x'00', 'http://h/', '', '', 0, 0, 0, 0, '" + (patterns.empty() ? "x" : "") + "', 0, 0)");
    sql("DELETE FROM endpoint_pattern WHERE endpoint = " + text(endpoint));
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      sql("INSERT INTO endpoint_pattern VALUES (" + text(endpoint) + ", " + text(i) + ", '" + patterns[i] + "', " +
          text(version_) + ")");
    }
    follow(endpoint);
  }
  // Of each type, under the version of now.
  void accept(std::size_t type) {
    sql("INSERT INTO event (seq, id, type, version, accepted_at, body) VALUES (" + text(++last_) + ", x'00', " +
        text(type) + ", " + text(version_) + ", 0, x'00')");
  }
  void accept_all() {
    for (std::size_t type = 1; type <= types_.size(); ++type) accept(type);
  }

  // For every event and endpoint, in order: whether it is covered by an interval, and by one that is open.
  std::string covers_by_type() {
    return covers("t.number = s.type");
  }
  std::string covers_by_pattern() {
    return covers(
        "(s.pattern = '*' OR s.pattern = t.name OR (s.pattern LIKE '%.*' AND t.name LIKE replace(s.pattern, '*', '_%')))");
  }
  void migrate_it() {
    sql("UPDATE meta SET registry_version = " + text(version_));
    const auto done = migrate(*db_);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::size_t types() const { return types_.size(); }
  // "1:*@3 " endpoint, pattern, first version; of those that are open.
  std::string open() {
    std::string all;
    auto query = db_->prepared(db_->prepare(
        "SELECT endpoint, pattern, from_version FROM subscription WHERE until_version IS NULL ORDER BY 1, 2, 3"));
    while (query.step()) {
      all += std::to_string(query.integer(0)) + ":" + query.text(1) + "@" + std::to_string(query.integer(2)) + " ";
    }
    return all;
  }
  Database& db() { return *db_; }

 private:
  static std::string text(std::uint64_t number) { return std::to_string(number); }
  void sql(const std::string& statement) {
    const auto done = db_->execute(statement);
    ASSERT_TRUE(done) << statement << ": " << done.error().message;
  }
  void follow(std::uint64_t endpoint) {
    for (std::size_t i = 0; i < types_.size(); ++i) {
      const bool wants = std::ranges::any_of(
          wanted_[endpoint], [&](const std::string& pattern) { return matches(pattern, types_[i]); });
      auto& open = open_[{i + 1, endpoint}];
      if (wants && !open) {
        open = version_;
        sql("INSERT INTO subscription VALUES (" + text(i + 1) + ", " + text(endpoint) + ", " + text(version_) + ", NULL)");
      } else if (!wants && open) {
        sql("UPDATE subscription SET until_version = " + text(version_) + " WHERE type = " + text(i + 1) +
            " AND endpoint = " + text(endpoint) + " AND until_version IS NULL");
        open = 0;
      }
    }
  }
  std::string covers(const std::string& match) {
    std::string all;
    const auto sql = "SELECT e.seq, n.number, count(s.endpoint), count(s.endpoint) - count(s.until_version)"
                     " FROM event e JOIN event_type t ON t.number = e.type JOIN endpoint n LEFT JOIN subscription"
                     " s ON s.endpoint = n.number AND " + match +
                     " AND s.from_version <= e.version AND (s.until_version IS NULL OR s.until_version > e.version)"
                     " GROUP BY e.seq, n.number ORDER BY e.seq, n.number";
    auto query = db_->prepared(db_->prepare(sql));
    while (query.step()) {
      all += std::to_string(query.integer(0)) + "/" + std::to_string(query.integer(1));
      all += query.integer(3) > 0 ? " open\n" : query.integer(2) > 0 ? " closed\n" : " none\n";
    }
    EXPECT_TRUE(query.result());
    return all;
  }

  fakes::TestDirectory directory_;
  std::unique_ptr<Database> db_ = *Database::open(directory_.path() + "/data.db", {.durable = false, .cache_kib = 256});
  std::vector<std::string> types_;  // number n at n - 1
  std::map<std::uint64_t, Patterns> wanted_;
  std::map<std::pair<std::size_t, std::uint64_t>, std::uint64_t> open_;
  std::uint64_t version_ = 0, last_ = 0;
};

class PatternMigration : public testing::Test {
 protected:
  void migrate_whole() {
    const auto before = file_.covers_by_type();
    file_.migrate_it();
    EXPECT_EQ(file_.covers_by_pattern(), before);
  }
  OldFile file_;
};

TEST_F(PatternMigration, ManyTypesOfOnePatternBecomeOneRowAlsoThoseDeclaredSince) {
  file_.accept_all();
  file_.want(1, {"*"});
  for (int n = 0; n < 200; ++n) {
    file_.declare("order.n" + std::to_string(n));
    if (n % 20 == 0) file_.accept_all();
  }
  migrate_whole();
  EXPECT_EQ(file_.open(), "1:*@3 ");
}

TEST_F(PatternMigration, WhatWasOwedFromEarlierOnKeepsARowOfItsOwn) {
  file_.want(1, {"order.*"});
  file_.accept_all();
  file_.want(1, {"*"});
  file_.accept_all();
  migrate_whole();
  EXPECT_EQ(file_.open(), "1:*@4 1:order.paid@3 ");
}

TEST_F(PatternMigration, WhereNothingTellsThemApartOneRowIsEnough) {
  file_.want(1, {"order.*"});
  file_.want(1, {"*"});
  file_.accept_all();
  migrate_whole();
  EXPECT_EQ(file_.open(), "1:*@3 ");
}

TEST_F(PatternMigration, APatternWithoutATypeBeginsNow) {
  file_.want(1, {"none.*"});
  migrate_whole();
  EXPECT_EQ(file_.open(), "1:none.*@3 ");
}

TEST_F(PatternMigration, WhoIsDisabledHasNoneAndItsHistoryStays) {
  file_.want(1, {"*"});
  file_.accept_all();
  file_.want(1, {});
  migrate_whole();
  EXPECT_EQ(file_.open(), "");
}

TEST_F(PatternMigration, WhatCameWhileItWasDisabledStaysNobodys) {
  file_.want(1, {"order.*"});
  file_.want(1, {});
  file_.declare("order.new");
  file_.accept_all();
  file_.want(1, {"order.*"});
  file_.accept_all();
  file_.declare("order.newer");
  file_.accept_all();
  migrate_whole();
  EXPECT_EQ(file_.open(), "1:order.*@6 ");
}

TEST_F(PatternMigration, ARowThatBeginsLaterThanNowSilencesNoPattern) {
  file_.want(1, {"*"});
  file_.accept_all();
  ASSERT_TRUE(file_.db().execute("UPDATE subscription SET from_version = 1 << 60 WHERE type = 2"));
  file_.migrate_it();
  EXPECT_EQ(file_.open(), "1:*@3 ");
}

// A row that cannot be read does not keep the others from being brought up to date.
TEST_F(PatternMigration, ARowOfATypeThatIsNotThereIsLeftOut) {
  file_.want(1, {"*"});
  file_.accept_all();
  ASSERT_TRUE(file_.db().execute("INSERT INTO subscription VALUES (99, 1, 1, NULL), (98, 7, 1, 2), (2, 8, 1, 2)"));
  migrate_whole();
  EXPECT_EQ(file_.open(), "1:*@3 ");
}

TEST(PatternMigrations, ChangeNothingOfWhatIsOwedWhateverHasHappened) {
  const char* const names[] = {"a", "b", "a.a", "a.b", "b.a", "a.a.a", "a.a.b", "a.b.a", "b.b.b", "c"};
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const auto below = [&](std::size_t n) { return random() % n; };
    const auto pattern = [&]() -> std::string {
      const auto kind = below(5);
      if (kind == 0) return "*";
      return std::string(names[below(std::size(names))]) + (kind < 3 ? ".*" : "");
    };
    OldFile file;
    std::size_t declared = 0;
    for (int step = 0; step < 50; ++step) {
      const auto dice = below(10);
      if (dice < 2 && declared < std::size(names)) {
        file.declare(names[declared++]);
      } else if (dice < 6) {
        Patterns patterns;
        for (auto n = below(4); n > 0; --n) patterns.push_back(pattern());
        file.want(1 + below(3), patterns);
      } else if (file.types() > 0) {
        file.accept(1 + below(file.types()));
      }
    }
    file.accept_all();
    const auto before = file.covers_by_type();
    file.migrate_it();
    ASSERT_EQ(file.covers_by_pattern(), before) << file.open();
  }
}

}  // namespace
}  // namespace exposee::store
