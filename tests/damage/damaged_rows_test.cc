// No row of any table ends the process or stops the others: every column of every table is given hostile
// values, one at a time, and single bits of the file are turned over; then the service starts, serves,
// publishes, lists, and starts again.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "damage/damaged_service.h"
#include "damage/data_file.h"

namespace exposee::damage {
namespace {

using namespace std::chrono_literals;
using fakes::TestDirectory;

constexpr std::uint64_t kSeed = 20261128;
constexpr int kFlips = 300;
constexpr std::size_t kShares = 8;

// As SQL.
const std::vector<std::string>& hostile_values() {
  static const std::vector<std::string> values{"NULL",
                                               "'text'",
                                               "x''",
                                               "x'ff'",
                                               "randomblob(16)",
                                               "zeroblob(100000)",
                                               "CAST(x'41c3ff28' AS TEXT)",
                                               "'http://h/' || char(13, 10) || 'X: y'",
                                               "-1",
                                               "0",
                                               "1",
                                               "7",
                                               "65536",
                                               "4294967296",
                                               "281474976710656",
                                               "9223372036854775807",
                                               "-9223372036854775807",
                                               "1.5e300"};
  return values;
}

class DamagedRows : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    whole_ = new TestDirectory();
    populate(whole_->path());
  }
  static void TearDownTestSuite() { delete whole_; }

  // A fresh copy for every case.
  const std::string& fresh() {
    copy_data(whole_->path(), copy_.path());
    return copy_.path();
  }

  static TestDirectory* whole_;
  TestDirectory copy_;
};
TestDirectory* DamagedRows::whole_ = nullptr;

// Whatever is asked, an answer comes. `strict`: and it is a good one.
void ask_everything(Service& service, bool strict) {
  const auto expect = [&](const Got& got, std::string_view what) {
    EXPECT_NE(got.status, 0) << what << " is not answered";
    if (strict) {
      EXPECT_LT(got.status, 500) << what << ": " << got.body;
    }
  };
  for (const std::string target :
       {"/webhooks", "/users", "/users/messages?recipient=bob", "/v1/endpoints", "/v1/event-types",
        "/v1/deliveries?limit=100", "/v1/deliveries?status=pending", "/v1/deliveries?status=exhausted",
        "/v1/deliveries?status=cancelled&since=2000-01-01T00:00:00Z", "/v1/deliveries?status=succeeded"}) {
    expect(service.call("GET", target), target);
  }
  expect(service.call("POST", "/ping"), "ping");
  expect(service.call("POST", "/webhook", R"({"event":"user_registered","url":"http://good.example/"})"),
         "register");
  expect(service.call("POST", "/v1/events", R"({"event":"invoice.paid","data":{"n":1}})", "key-1"), "repeat");
  expect(service.call("POST", "/v1/event-types", R"({"name":"invoice.piad"})"), "declare again");
  expect(service.call("DELETE", "/v1/event-types/invoice.piad"), "remove again");
}

// Two receivers are well; damage of one row can hit one of them.
void expect_goes_on(Service& service, const std::string& name) {
  const auto good = service.sent_to("good.example"), fine = service.sent_to("fine.example");
  const auto got = service.call("POST", "/users", R"({"username":")" + name + "\"}");
  EXPECT_EQ(got.status, 200) << got.body;
  service.run(1s);
  EXPECT_TRUE(service.sent_to("good.example") > good || service.sent_to("fine.example") > fine);
  EXPECT_TRUE(service.troubles.store_failures.empty()) << service.troubles.store_failures.front();
}

// How many rows were told to be in trouble.
std::size_t serve_twice(const std::string& directory) {
  std::size_t told_rows = 0;
  for (const std::string name : {"first", "second"}) {
    Service service(directory);
    const auto refused = service.start();
    EXPECT_FALSE(refused) << refused->message;
    if (refused) break;
    service.run(1s);
    if (name == "first") ask_everything(service, false);
    expect_goes_on(service, name);
    told_rows += service.troubles.told.size();
    if (testing::Test::HasFailure()) {
      for (const auto& told : service.troubles.told) ADD_FAILURE() << told;
    }
  }
  return told_rows;
}

TEST_F(DamagedRows, WithoutDamageNothingIsTold) {
  Service service(fresh());
  ASSERT_FALSE(service.start());
  ask_everything(service, true);
  expect_goes_on(service, "first");
  EXPECT_TRUE(service.troubles.told.empty()) << *service.troubles.told.begin();
}

// A share of the columns each, so that no test takes long.
class DamagedColumns : public DamagedRows, public testing::WithParamInterface<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Share, DamagedColumns, testing::Range(std::size_t{0}, kShares));

TEST_P(DamagedColumns, AnyValueInAnyColumnLeavesEverythingElseAtWork) {
  std::mt19937_64 random(kSeed + GetParam());
  std::size_t cases = 0, noticed = 0;
  const auto columns = all_columns(whole_->path());
  for (std::size_t i = GetParam(); i < columns.size(); i += kShares) {
    const auto& [table, column, key] = columns[i];
    if (table == "file_state") continue;  // it is there to refuse a file that is not whole, with a sentence
    for (const auto& value : hostile_values()) {
      SCOPED_TRACE(table + "." + column + " = " + value);
      const auto& directory = fresh();
      const auto one_row = "SELECT " + key + " FROM " + table + " ORDER BY " + key + " LIMIT 1 OFFSET " +
                           std::to_string(random() % 3) + " % (SELECT count(*) FROM " + table + ")";
      try_sql(directory, "UPDATE " + table + " SET " + column + " = " + value + " WHERE (" + key + ") = (" +
                             one_row + ")");
      ++cases;
      noticed += serve_twice(directory) != 0;
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(noticed, cases / 10) << "of " << cases << ": the damage must be there to mean anything";
}

TEST_F(DamagedRows, AnyTableThatIsEmptyLeavesEverythingElseAtWork) {
  for (const auto& table : all_tables(whole_->path())) {
    SCOPED_TRACE(table);
    const auto& directory = fresh();
    run_sql(directory, "DELETE FROM " + table);
    Service service(directory);
    const auto refused = service.start();
    ASSERT_FALSE(refused) << refused->message;
    service.run(1s);
    ask_everything(service, false);
    EXPECT_EQ(service.call("POST", "/users", R"({"username":"new"})").status, 200);
    EXPECT_TRUE(service.troubles.store_failures.empty()) << service.troubles.store_failures.front();
  }
}

TEST_F(DamagedRows, AnEndpointThatCannotBeReadIsListedDisabledAndCanBeRemoved) {
  const auto& directory = fresh();
  run_sql(directory, "UPDATE endpoint SET url = 'nonsense' WHERE url = 'http://fine.example/'");
  Service service(directory);
  ASSERT_FALSE(service.start());
  EXPECT_EQ(service.troubles.told.size(), 1u);
  const auto listed = service.call("GET", "/v1/endpoints").body;
  EXPECT_NE(listed.find("its stored URL cannot be read"), std::string::npos) << listed;
  expect_goes_on(service, "first");
  const auto id = listed.substr(listed.rfind("\"id\":\"ep_", listed.find("nonsense")) + 6, 29);
  EXPECT_EQ(service.call("PATCH", "/v1/endpoints/" + id, R"({"disabled":false})").status, 409);
  EXPECT_EQ(service.call("DELETE", "/webhook", R"({"event":"user_registered","url":"nonsense"})").status,
            204);
  EXPECT_EQ(service.call("GET", "/v1/endpoints").body.find("nonsense"), std::string::npos);
}

TEST_F(DamagedRows, AMarkOfRemovalThatCannotBeReadRefusesNobodysEvents) {
  const auto publish = [](Service& service) {
    return service.call("POST", "/v1/events", R"({"event":"invoice.paid","data":{"n":9}})").status;
  };
  for (const std::string value : {"'text'", "x'ff'", "-1", "1.5e300", "0"}) {
    SCOPED_TRACE(value);
    const auto& directory = fresh();
    run_sql(directory, "UPDATE event_type SET removed_at = " + value);
    Service service(directory);
    ASSERT_FALSE(service.start());
    EXPECT_EQ(publish(service), 202);
    expect_goes_on(service, "first");
    EXPECT_EQ(service.call("DELETE", "/v1/event-types/invoice.paid").status, 204);
    EXPECT_EQ(publish(service), 404);
  }
}

TEST_F(DamagedRows, TheBuiltInTypesAreThereWhateverTheirRowsSay) {
  const auto& directory = fresh();
  run_sql(directory, "UPDATE event_type SET removed_at = created_at");
  for (const std::string name : {"first", "second"}) {
    Service service(directory);
    ASSERT_FALSE(service.start());
    EXPECT_EQ(service.troubles.told.size(), name == "first" ? 2u : 0u) << "mended on disk";
    expect_goes_on(service, name);
    EXPECT_EQ(service.call("DELETE", "/v1/event-types/user_registered").status, 409);
  }
}

// The one that was declared last has an event, and is removed.
TEST_F(DamagedRows, TheNumberOfATypeWhoseRowIsLostIsNotGivenAgain) {
  const auto& directory = fresh();
  run_sql(directory, "DELETE FROM event_type WHERE number = (SELECT max(number) FROM event_type)");
  for (const std::string name : {"first", "second"}) {
    Service service(directory);
    ASSERT_FALSE(service.start());
    EXPECT_EQ(service.troubles.told.size(), name == "first" ? 2u : 0u) << "mended on disk";
    if (name == "first") {
      EXPECT_EQ(service.call("POST", "/v1/event-types", R"({"name":"a.new.one"})").status, 201);
    }
    const auto events = service.call("GET", "/v1/events?event=a.new.one").body;
    EXPECT_EQ(events.find("evt_"), std::string::npos) << events;
    expect_goes_on(service, name);
  }
}

TEST_F(DamagedRows, TheNumberOfAnEndpointWhoseRowIsLostIsNotGivenAgain) {
  const auto& directory = fresh();
  run_sql(directory, "DELETE FROM endpoint WHERE number = (SELECT max(number) FROM endpoint)");
  Service service(directory);
  ASSERT_FALSE(service.start());
  const auto added = service.call("POST", "/v1/endpoints", R"({"url":"http://new.example/","events":["*"]})");
  ASSERT_EQ(added.status, 201) << added.body;
  const auto id = added.body.substr(added.body.find("ep_"), 29);
  const auto deliveries = service.call("GET", "/v1/deliveries?endpoint=" + id).body;
  EXPECT_EQ(deliveries.find("dlv_"), std::string::npos) << "those of the one that is lost: " << deliveries;
  expect_goes_on(service, "first");
}

// None stays there to be told by every start.
TEST_F(DamagedRows, ASubscriptionThatIsNotWhatWasWrittenIsGoneOrRightAtTheNextStart) {
  for (const std::string change :
       {"pattern = CAST(pattern AS BLOB)", "pattern = x'ff'", "pattern = CAST(x'41c3ff28' AS TEXT)", "pattern = 7",
        "endpoint = 'x' || endpoint", "endpoint = -endpoint", "endpoint = CAST(endpoint AS BLOB)",
        "from_version = 'x'", "from_version = x'01'", "from_version = -1", "from_version = 1125899906842624",
        "until_version = 'x'", "until_version = x''", "endpoint = endpoint + 1000", "pattern = 'no pattern'"}) {
    SCOPED_TRACE(change);
    const auto& directory = fresh();
    run_sql(directory, "UPDATE subscription SET " + change + " WHERE until_version IS NULL");
    for (const std::string name : {"first", "second"}) {
      Service service(directory);
      ASSERT_FALSE(service.start());
      EXPECT_EQ(service.troubles.told.empty(), name == "second") << *service.troubles.told.begin();
      expect_goes_on(service, name);
    }
  }
}

// As bytes it stands at another place than as the text that it is: what it covers stays owed.
TEST_F(DamagedRows, APatternThatIsThereAsBytesIsWrittenAsText) {
  const auto& directory = fresh();
  const auto owed = [&] {
    Service service(directory);
    EXPECT_FALSE(service.start());
    return service.call("GET", "/v1/deliveries?status=pending").body;
  };
  const auto before = owed();
  EXPECT_NE(before.find("dlv_"), std::string::npos);
  run_sql(directory, "UPDATE subscription SET pattern = CAST(pattern AS BLOB)");
  EXPECT_EQ(owed(), before);
}

TEST_F(DamagedRows, AnEventThatCannotBeReadEndsItsDeliveriesAndNobodyElses) {
  const auto& directory = fresh();
  run_sql(directory,
          "UPDATE event SET id = x'00' WHERE seq = (SELECT event FROM delivery WHERE status = 0 LIMIT 1)");
  Service service(directory);
  ASSERT_FALSE(service.start());
  service.run(2h);
  const auto ended = service.call("GET", "/v1/deliveries?cause=damaged");
  EXPECT_NE(ended.body.find("\"status\":\"exhausted\""), std::string::npos) << ended.body;
  EXPECT_NE(ended.body.find("cannot be read any more"), std::string::npos) << ended.body;
  expect_goes_on(service, "first");
}

TEST_F(DamagedRows, AnEventThatIsNotWhatWasAcceptedIsNotSentHoweverWellItReads) {
  for (const std::string change : {"body = CAST(replace(CAST(body AS TEXT), ':', ': ') AS BLOB)",
                                   "accepted_at = accepted_at + 1", "id = randomblob(16)"}) {
    SCOPED_TRACE(change);
    const auto& directory = fresh();
    run_sql(directory, "UPDATE event SET " + change +
                           " WHERE seq = (SELECT event FROM delivery WHERE status = 0 LIMIT 1)");
    Service service(directory);
    ASSERT_FALSE(service.start());
    service.run(2h);
    const auto ended = service.call("GET", "/v1/deliveries?cause=damaged");
    EXPECT_NE(ended.body.find("\"status\":\"exhausted\""), std::string::npos) << ended.body;
    EXPECT_FALSE(service.troubles.told.empty());
    expect_goes_on(service, "first");
  }
}

TEST_F(DamagedRows, ABitTurnedOverNeverEndsTheProcess) {
  std::mt19937_64 random(kSeed);
  const auto bits = file_bytes(whole_->path()) * 8;
  for (int i = 0; i < kFlips; ++i) {
    const auto bit = random() % bits;
    SCOPED_TRACE("bit " + std::to_string(bit));
    const auto& directory = fresh();
    flip_bit(directory, bit);
    for (int life = 0; life < 2; ++life) {
      Service service(directory);
      if (const auto refused = service.start()) {
        EXPECT_FALSE(refused->message.empty());
        break;
      }
      service.run(1s);
      ask_everything(service, false);
      EXPECT_NE(service.call("POST", "/users", R"({"username":"new"})").status, 0);
    }
  }
}

}  // namespace
}  // namespace exposee::damage
