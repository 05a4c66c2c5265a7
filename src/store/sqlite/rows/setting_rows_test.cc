// Every row of the table of settings goes to disk and comes back, whatever else is damaged and however old
// the file is.
#include "store/sqlite/rows/setting_rows.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "store/sqlite/migrations.h"
#include "store/sqlite/rows/registry_rows.h"
#include "fakes/test_directory.h"

namespace exposee::store {
namespace {

struct Told final : RowTroubleSink {
  void row_in_trouble(const RowTrouble& trouble) override { tables.emplace_back(trouble.table); }
  std::vector<std::string> tables;
};

// A data file with one endpoint, in which everything is set to its example.
class SettingRows : public testing::Test {
 protected:
  SettingRows() {
    for (const auto& setting : endpoint_settings()) set_example(setting, examples_);
    db_ = *Database::open(directory_.path() + "/data.db", {.cache_kib = 256, .troubles = &told_});
  }
  void put() {
    Endpoint endpoint;
    endpoint.number = EndpointNumber{1};
    endpoint.url = "http://a.example/";
    endpoint.settings = examples_;
    EXPECT_TRUE(put_endpoint_row(*db_, endpoint));
  }
  EndpointSettings stored() {
    const auto state = load_start_state(*db_);
    EXPECT_TRUE(state && state->endpoints.size() == 1);
    return state->endpoints.at(0).settings;
  }
  void execute(const std::string& sql) { ASSERT_TRUE(db_->execute(sql)) << sql; }

  fakes::TestDirectory directory_;
  Told told_;
  std::unique_ptr<Database> db_;
  EndpointSettings examples_;
};

// What no setting of the kind can be, as SQL.
std::string damaged(const SettingKind& kind) {
  if (std::holds_alternative<TextSetting>(kind)) return "CAST(x'ff' AS TEXT)";
  if (std::holds_alternative<ScheduleSetting>(kind)) return "'soon'";
  return "-9223372036854775807";
}

TEST_F(SettingRows, ADamagedOneIsAsIfItWereNotSetAndIsTold) {
  ASSERT_TRUE(migrate(*db_));
  for (const auto& setting : endpoint_settings()) {
    if (std::holds_alternative<FlagSetting>(setting.kind)) continue;  // any number is one
    SCOPED_TRACE(setting.name);
    put();
    told_.tables.clear();
    execute("UPDATE endpoint SET " + std::string(setting.name) + " = " + damaged(setting.kind));
    const auto found = stored();
    EXPECT_EQ(told_.tables, std::vector<std::string>{"endpoint"});
    for (const auto& other : endpoint_settings()) {
      if (&other == &setting) continue;
      std::visit([&](const auto& kind) { EXPECT_EQ(found.*kind.member, examples_.*kind.member); },
                 other.kind);
    }
    std::visit([&](const auto& kind) { EXPECT_NE(found.*kind.member, examples_.*kind.member); },
               setting.kind);
  }
}

TEST_F(SettingRows, StayWhenAnotherColumnIsDamaged) {
  ASSERT_TRUE(migrate(*db_));
  put();
  execute("UPDATE endpoint SET url = CAST(x'ff' AS TEXT), created_at = -1");
  EXPECT_EQ(stored(), examples_);
}

TEST_F(SettingRows, AFileOfBeforeASettingHasItUnset) {
  for (const auto& setting : endpoint_settings()) {
    if (setting.schema == 1) continue;
    const fakes::TestDirectory older;
    const auto db = *Database::open(older.path() + "/data.db", {.cache_kib = 256});
    ASSERT_TRUE(migrate(*db, migrations().first(setting.schema - 1)));
    ASSERT_TRUE(db->execute(
        "INSERT INTO endpoint (number, id, url, secret, disabled_reason, created_at, updated_at, description,"
        " max_in_flight, rate_per_second, ordered, paused)"
        " VALUES (1, zeroblob(16), 'http://a.example/', '', '', 0, 0, '', 0, 0, 0, 0)"));
    ASSERT_TRUE(migrate(*db));
    const auto state = load_start_state(*db);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->endpoints.at(0).settings, EndpointSettings{}) << setting.name;
  }
}

}  // namespace
}  // namespace exposee::store
