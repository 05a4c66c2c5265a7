// Damage that no row shows: single bits turned over at rest, files cut, emptied, gone or exchanged. Whatever it is, a
// service that starts on it answers and sends what it would have without it, or says what is wrong. Each run turns the
// same bits over; others with --gtest_shuffle --gtest_random_seed=N, more with --gtest_repeat=N.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>

#include "damage/damaged_service.h"
#include "damage/data_file.h"
#include "store/sqlite/backup.h"

namespace exposee::damage {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using fakes::TestDirectory;

constexpr std::uint64_t kSeed = 20261129;
constexpr int kFlips = 50;  // of each file

// What a client and a receiver see.
struct Seen {
  std::map<std::string, Got> answers;
  std::set<std::string> sent;
};

struct Life {
  std::string refused;  // by the start
  Seen seen;
  bool told = false;  // that something is wrong
  Got published;      // the answer to a new event
  bool sent = false;  // and whether it went out
};

// The list, and everything in it by its id.
void add_listed(Service& service, const std::string& path, const std::string& query, const std::string& prefix,
                std::vector<std::string>& targets) {
  targets.push_back(path + query);
  const auto list = service.call("GET", targets.back()).body, mark = "\"id\":\"" + prefix;
  for (std::size_t at = 0; (at = list.find(mark, at)) != std::string::npos; at += mark.size()) {
    targets.push_back(path + "/" + list.substr(at + 6, list.find('"', at + 6) - at - 6));
  }
}

std::vector<std::string> all_targets(Service& service) {
  std::vector<std::string> targets{"/webhooks", "/users", "/users/messages?recipient=bob", "/v1/endpoints",
                                   "/v1/event-types"};
  add_listed(service, "/v1/events", "?limit=100", "evt_", targets);
  for (const std::string status : {"pending", "succeeded", "exhausted", "cancelled"}) {
    add_listed(service, "/v1/deliveries", "?limit=100&status=" + status, "dlv_", targets);
  }
  return targets;
}

Life live(const std::string& directory) {
  Life life;
  Service service(directory);
  if (const auto refused = service.start()) return {refused->message + refused->hint, {}, true};
  for (const auto& target : all_targets(service)) life.seen.answers[target] = service.call("GET", target);
  service.run(2h);  // whatever is due is sent
  for (const auto& job : service.sender.sent) {
    life.seen.sent.insert(job.target->url.text + " " + job.event->id.text() + " " + job.event->body);
  }
  const auto before = service.sender.sent.size();
  life.published = service.call("POST", "/v1/events", R"({"event":"user_registered","data":{"n":1}})");
  service.run(10s);
  life.sent = service.sender.sent.size() > before;
  life.told = !service.troubles.told.empty() || !service.troubles.store_failures.empty();
  return life;
}

// Whoever publishes is served, or told in words what is wrong and what helps.
std::string neither_served_nor_told(const Life& life) {
  const auto& [status, body] = life.published;
  if (!life.refused.empty()) return life.refused.contains("backup") ? "" : "refused without a way out: " + life.refused;
  if (status == 202 && (life.sent || life.told)) return "";
  if (status >= 500 && life.told && body.contains("\"hint\":\"")) return "";
  return std::to_string(status) + " " + body;
}

// Something else than the truth, and not a word about it.
std::string wrong_and_silent(const Life& life, const Seen& truth) {
  if (life.told) return {};
  for (const auto& [target, got] : life.seen.answers) {
    const auto known = truth.answers.find(target);
    if (got.status >= 500) continue;
    if (known == truth.answers.end()) return target + " is new";
    if (known->second.body != got.body) return target + ": " + got.body + " instead of " + known->second.body;
  }
  for (const auto& sent : life.seen.sent) {
    if (!truth.sent.contains(sent)) return "sent " + sent;
  }
  return life.seen.sent == truth.sent ? "" : "something was not sent";
}

void copy_all(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  fs::copy(from, to);
}

// As in any data file, most pages are those of events.
void add_events(const std::string& directory) {
  Service service(directory);
  ASSERT_FALSE(service.start());
  for (int n = 0; n < 4; ++n) {
    const auto data = R"({"filler":")" + std::string(10'000, 'x') + "\"}";
    ASSERT_EQ(service.call("POST", "/v1/events", R"({"event":"invoice.paid","data":)" + data + "}").status, 202);
  }
  service.run(10s);
}

// As the last process left the data: it stopped, or was killed with much of it still in the log.
class AtRest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    home_ = new TestDirectory();
    populate(stopped());
    add_events(stopped());
    fs::copy(stopped(), home_->path() + "/running");
    Service service(home_->path() + "/running", true);
    ASSERT_FALSE(service.start());
    for (const std::string name : {"dave", "erin"}) {
      ASSERT_EQ(service.call("POST", "/users", R"({"username":")" + name + "\"}").status, 200);
    }
    service.run(10s);
    copy_all(home_->path() + "/running", killed());
  }
  static void TearDownTestSuite() { delete home_; }
  static std::string stopped() { return home_->path() + "/stopped"; }
  static std::string killed() { return home_->path() + "/killed"; }

  std::string copy_of(const std::string& whole) {
    const auto copy = scratch_.path() + "/copy";
    copy_all(whole, copy);
    return copy;
  }
  // Of what is as it should be.
  Life truth_of(const std::string& whole) {
    auto life = live(copy_of(whole));
    EXPECT_EQ(life.refused, "");
    EXPECT_FALSE(life.told);
    EXPECT_EQ(neither_served_nor_told(life), "");
    EXPECT_GT(life.seen.answers.size(), 20u);
    return life;
  }

  struct Tally {
    int refused = 0, told = 0, published = 0;
  };
  Tally flip(const std::string& whole, const std::string& file) {
    const auto truth = truth_of(whole).seen;
    std::mt19937_64 random(kSeed + static_cast<std::uint64_t>(testing::UnitTest::GetInstance()->random_seed()));
    const auto bits = fs::file_size(whole + "/" + file) * 8;
    Tally tally;
    for (int i = 0; i < kFlips && !HasFailure(); ++i) {
      const auto bit = random() % bits;
      const auto copy = copy_of(whole);
      flip_bit_of(copy + "/" + file, bit);
      const auto life = live(copy);
      EXPECT_EQ(wrong_and_silent(life, truth), "") << "bit " << bit << " of " << bits;
      EXPECT_EQ(neither_served_nor_told(life), "") << "bit " << bit << " of " << bits;
      tally.published += life.published.status == 202;
      tally.refused += !life.refused.empty();
      tally.told += life.told;
    }
    return tally;
  }

  static TestDirectory* home_;
  TestDirectory scratch_;
};
TestDirectory* AtRest::home_ = nullptr;

TEST_F(AtRest, ABitTurnedOverInTheDataFileIsNeverWrongAndSilent) {
  const auto tally = flip(stopped(), "exposee.db");
  EXPECT_GT(tally.told, kFlips / 3) << "the damage must be met to mean anything";
  EXPECT_GT(tally.published, kFlips / 4) << "what is damaged stops only what needs it";
}

TEST_F(AtRest, ABitTurnedOverInTheLogIsNeverWrongAndSilent) {
  EXPECT_GT(flip(killed(), "exposee.db-wal").refused, kFlips / 2);
}

TEST_F(AtRest, ALogThatIsNotWholeIsRefusedAndCanBeAccepted) {
  const auto copy = copy_of(killed());
  const auto log = copy + "/exposee.db-wal";
  fs::resize_file(log, fs::file_size(log) / 2);
  const auto refused = live(copy).refused;
  EXPECT_NE(refused.find("what was acknowledged goes on to byte"), std::string::npos) << refused;
  EXPECT_EQ(live(copy).refused, refused) << "to look changes nothing";
  const auto accepted = store::accept_data(copy);
  ASSERT_TRUE(accepted);
  EXPECT_NE(accepted->log_lost.find("goes on to byte"), std::string::npos) << accepted->log_lost;
  const auto life = live(copy);
  EXPECT_EQ(life.refused, "");
  EXPECT_EQ(life.published.status, 202) << life.published.body;
  EXPECT_TRUE(life.sent);
}

TEST_F(AtRest, PagesThatAreDamagedCanBeAcceptedAsTheyAre) {
  const auto copy = copy_of(stopped());
  flip_bit_of(copy + "/exposee.db", 8 * 4000);  // of the first page, which every start needs
  EXPECT_NE(live(copy).refused.find("exposee accept-data"), std::string::npos);
  const auto accepted = store::accept_data(copy);
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_EQ(accepted->pages, std::vector<std::uint64_t>{1});
  EXPECT_EQ(accepted->log_lost, "");
  EXPECT_EQ(live(copy).refused, "");
}

int publish(Service& service, const std::string& event) {
  return service.call("POST", "/v1/events", R"({"event":")" + event + R"(","data":{"n":1}})").status;
}

// Each of them has failed at one receiver, and waits for it.
TEST_F(AtRest, WhenTheLastPageOfEventsIsDamagedWhatIsOnItEndsAsDamagedAndAllElseGoesOn) {
  const auto copy = copy_of(stopped());
  {
    Service service(copy);
    ASSERT_FALSE(service.start());
    for (int n = 0; n < 100; ++n) ASSERT_EQ(publish(service, "user_registered"), 202);
  }
  const auto pages = pages_of(copy, "event");
  ASSERT_GT(pages.size(), 2u);
  flip_bit_of(copy + "/exposee.db", (pages.back() - 1) * 4096 * 8 + 20'000);
  for (int life = 0; life < 3; ++life) {
    Service service(copy);
    const auto refused = service.start();
    ASSERT_FALSE(refused) << refused->message;
    service.run(2h);
    EXPECT_EQ(service.call("GET", "/v1/deliveries?limit=100").status, 200);
    EXPECT_FALSE(service.troubles.told.empty());
    EXPECT_EQ(publish(service, "user_registered"), 202);
    const auto sent = service.sent_to("good.example");
    EXPECT_GT(sent, 0u);
    EXPECT_EQ(service.call("GET", "/v1/events?limit=50").status, 200);
    EXPECT_TRUE(service.troubles.store_failures.empty()) << service.troubles.store_failures.front();
  }
  const auto cause = std::to_string(static_cast<int>(Cause::damaged));
  EXPECT_GT(number_of(copy, "SELECT count(*) FROM delivery WHERE cause = " + cause), 1u);
}

TEST_F(AtRest, WhenThePageOfTheMarksByShardIsDamagedAStartWritesItAnewAndGoesOn) {
  const auto copy = copy_of(stopped());
  const auto pages = pages_of(copy, "shard_mark");
  ASSERT_EQ(pages.size(), 1u);
  flip_bit_of(copy + "/exposee.db", (pages.back() - 1) * 4096 * 8 + 20'000);
  for (const bool is_told : {true, false}) {
    Service service(copy);
    const auto refused = service.start();
    ASSERT_FALSE(refused) << refused->message;
    service.run(2h);
    EXPECT_EQ(!service.troubles.told.empty(), is_told);
    EXPECT_EQ(publish(service, "user_registered"), 202);
    service.run(10s);
    EXPECT_GT(service.sent_to("good.example"), 0u);
    EXPECT_TRUE(service.troubles.store_failures.empty()) << service.troubles.store_failures.front();
  }
}

TEST_F(AtRest, WhenAllEventsAreOnOneDamagedPageOnlyWhatNeedsItIsRefused) {
  const auto copy = scratch_.path() + "/small";
  populate(copy);
  const auto pages = pages_of(copy, "event");
  ASSERT_EQ(pages.size(), 1u);
  flip_bit_of(copy + "/exposee.db", (pages.back() - 1) * 4096 * 8 + 20'000);
  Service service(copy);
  const auto refused = service.start();
  ASSERT_FALSE(refused) << refused->message;
  service.run(2h);
  const auto answer = service.call("POST", "/v1/events", R"({"event":"user_registered","data":{"n":1}})");
  EXPECT_GE(answer.status, 500) << answer.body;
  EXPECT_TRUE(answer.body.contains("\"hint\":\"")) << answer.body;
  EXPECT_EQ(service.call("POST", "/v1/event-types", R"({"name":"a.new.one"})").status, 201);
  EXPECT_EQ(service.call("GET", "/v1/endpoints").status, 200);
}

TEST_F(AtRest, AFileThatIsCutEmptyGoneOrAnothersIsNeverServedAsIfNothingWereMissing) {
  const auto truth = std::map<std::string, Seen>{{stopped(), truth_of(stopped()).seen}, {killed(), truth_of(killed()).seen}};
  TestDirectory other;
  {
    Service service(other.path(), true);
    ASSERT_FALSE(service.start());
    copy_all(other.path(), scratch_.path() + "/other");
  }
  const std::map<std::string, std::function<void(const std::string&)>> harms{
      {"half", [](const auto& file) { fs::resize_file(file, fs::file_size(file) / 2); }},
      {"short", [](const auto& file) { fs::resize_file(file, fs::file_size(file) - 4096); }},
      {"empty", [](const auto& file) { std::ofstream(file, std::ios::trunc); }},
      {"gone", [](const auto& file) { fs::remove(file); }},
      {"foreign", [&](const auto& file) {
         fs::copy_file(scratch_.path() + "/other/exposee.db-wal", file, fs::copy_options::overwrite_existing);
       }}};
  for (const auto& [whole, seen] : truth) {
    for (const std::string file : {"exposee.db", "exposee.db-wal"}) {
      for (const auto& [name, harm] : harms) {
        if (!fs::exists(whole + "/" + file) && name != "foreign") continue;
        SCOPED_TRACE(whole + " " + file + " " + name);
        const auto copy = copy_of(whole);
        harm(copy + "/" + file);
        EXPECT_EQ(wrong_and_silent(live(copy), seen), "");
      }
    }
  }
}

}  // namespace
}  // namespace exposee::damage
