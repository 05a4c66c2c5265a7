// The log while a large backlog is read, over and over, by a connection of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "fakes/test_directory.h"
#include "ports/backlog.h"
#include "store/sqlite/log/log_keeper.h"
#include "store/sqlite/sqlite_reader.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::store {
namespace {

constexpr LogLimits kSmall{.copied_at = 20, .rest = 4, .again = 2, .most = 60};
constexpr int kLongest = 3 * (kSmall.copied_at + kSmall.most);  // see log_keeper_test.cc
constexpr std::uint64_t kEvents = 100;

class LogUnderReads : public testing::Test {
 protected:
  void SetUp() override {
    fill();
    writer_ = *Database::open(file_, {.durable = false});
    keeper_ = *LogKeeper::start(file_, false, nullptr, kSmall);
    reader_ = *SqliteReader::open(file_, nullptr);
  }

  void fill() {
    const auto store = *SqliteStore::open(directory_.path());
    auto endpoint = std::make_shared<Endpoint>();
    endpoint->number = EndpointNumber{1};
    endpoint->url = "http://a.example/";
    RegistryChanges changes{.version = RegistryVersion{1},
                            .types = {{TypeNumber{1}, "user_registered", "", {}}}};
    changes.endpoints.push_back(endpoint);
    changes.subscriptions.push_back({"user_registered", EndpointNumber{1}, RegistryVersion{1}, {}});
    for (std::uint64_t n = 0; n < kEvents; ++n) {
      auto event = std::make_shared<Event>();
      event->seq = EventSeq{first_seq(1).value + n};
      event->id = EventId{uuid_v7(kStart, {0, static_cast<std::uint8_t>(n)})};
      event->type = TypeNumber{1};
      event->version = RegistryVersion{1};
      event->accepted_at = kStart;
      event->body = std::string(1'000, 'x');
      seqs_.push_back(event->seq);
      events_.push_back(std::move(event));
    }
    ASSERT_TRUE(store->write({.events = events_, .registry = &changes}));
  }
  // One commit of a page or two.
  void write() {
    ASSERT_TRUE(writer_->execute("UPDATE meta SET last_expired = last_expired + 1"));
    keeper_->committed(*writer_);
    longest_ = std::max(longest_, writer_->log_frames());
  }
  void read_all() {
    BacklogReads reads{.max_bytes = SIZE_MAX};
    BacklogRead read{
        .endpoint = EndpointNumber{1}, .events = seqs_, .most_events = kEvents, .max_bytes = SIZE_MAX};
    reads.windows.push_back(std::move(read));
    const auto results = carry_out(*reader_, std::move(reads)).windows;
    ASSERT_TRUE(results.front().page);
    ASSERT_EQ(results.front().page->events.size(), kEvents);
  }

  static constexpr Instant kStart = from_micros(1'746'590'590'000'000);
  const fakes::TestDirectory directory_;
  const std::string file_ = directory_.path() + "/" + kDataFileName;
  std::vector<EventRef> events_;
  std::vector<EventSeq> seqs_;
  std::unique_ptr<Database> writer_;
  std::unique_ptr<LogKeeper> keeper_;
  std::unique_ptr<Reader> reader_;
  int longest_ = 0;  // log so far, in frames
};

// One that held a snapshot from one read to the next would keep the whole log.
TEST_F(LogUnderReads, EachReadIsATransactionOfItsOwn) {
  for (int n = 0; n < 1'000 && !HasFatalFailure(); ++n) {
    if (n % 10 == 0) read_all();
    write();
  }
  EXPECT_LE(longest_, kLongest);
}

TEST_F(LogUnderReads, TheLogBeginsAnewWhileReadsGoOn) {
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0;
  std::jthread reading([&] {
    for (; !done && !HasFatalFailure(); ++reads) read_all();
  });
  constexpr int kWanted = 3, kMost = 200'000;
  int anew = 0;
  for (int n = 0; (anew < kWanted || reads < kWanted) && n < kMost && !HasFatalFailure(); ++n) {
    const auto before = writer_->log_frames();
    write();
    anew += writer_->log_frames() < before;
  }
  done = true;
  reading.join();
  EXPECT_GE(anew, kWanted);
  EXPECT_GE(reads, kWanted);
}

}  // namespace
}  // namespace exposee::store
