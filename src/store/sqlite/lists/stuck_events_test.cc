// The disk cannot read the sector of some events: a read gives what stands before them, and what is asked for
// behind them.
#include <gtest/gtest.h>

#include "fakes/test_directory.h"
#include "store/sqlite/file/test_disk.h"
#include "store/sqlite/test_store.h"

namespace exposee::store {
namespace {

constexpr EndpointNumber kEndpoint{1};
constexpr std::uint64_t kEvents = 60;

class StuckEvents : public testing::Test {
 protected:
  void SetUp() override {
    auto store = must_open(directory_.path());
    RegistryChanges changes{.version = RegistryVersion{1}};
    Endpoint endpoint{.number = kEndpoint, .url = "http://a.example/"};
    endpoint.id.bits[15] = 1;
    changes.endpoints.push_back(std::make_shared<const Endpoint>(endpoint));
    changes.subscriptions.push_back({.pattern = "*", .endpoint = kEndpoint, .from = RegistryVersion{1}});
    ASSERT_TRUE(commit(*store, {.registry = &changes}));
    std::vector<EventRef> events;
    for (std::uint64_t n = 1; n <= kEvents; ++n) events.push_back(event_of(n, 1'000));
    ASSERT_TRUE(commit_events(*store, events));
    store.reset();
    break_a_page();
    store_ = must_open(directory_.path());
    reader_ = *store_->open_reader();
  }
  void break_a_page() {
    const auto db = *Database::open(directory_.path() + "/exposee.db", {});
    auto query = db->query(
        "SELECT pageno FROM dbstat WHERE name = 'event' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET "
        "8");
    ASSERT_TRUE(query.step());
    disk_.break_page(query.integer(0));
  }
  static std::vector<EventSeq> from(std::size_t first) {
    std::vector<EventSeq> events;
    for (auto n = first; n < kEvents; ++n) events.push_back(EventSeq{first_seq(1).value + n});
    return events;
  }

  TestDisk disk_;
  fakes::TestDirectory directory_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Reader> reader_;
};

// How many events of `all` a read gives, when each that is stuck is left out and the rest asked for anew.
template <class Read>
std::pair<std::size_t, std::size_t> read_past(const Read& read, const auto& from) {
  std::size_t given = 0, stuck = 0;
  for (std::size_t at = 0; at < kEvents;) {
    const auto found = read(from(at));
    if (!found) return {0, 0};
    EXPECT_TRUE(found->stopped || found->looked_at > 0);
    EXPECT_EQ(found->events.size(), found->looked_at);
    given += found->events.size();
    at += found->looked_at;
    if (!found->stopped) continue;
    EXPECT_EQ(found->stopped->code, ErrorCode::unreadable);
    ++stuck;
    ++at;
  }
  return {given, stuck};
}

TEST_F(StuckEvents, StopAReadForAWindowWhereTheyStand) {
  const auto [given, stuck] = read_past(
      [&](const std::vector<EventSeq>& events) { return reader_->load_owed(kEndpoint, events, 1u << 20); },
      [](std::size_t at) { return from(at); });
  EXPECT_GE(stuck, 2u);
  EXPECT_LE(stuck, 5u);
  EXPECT_EQ(given + stuck, kEvents);
}

// An event that nobody can read, but that was delivered, is owed no more.
TEST_F(StuckEvents, StopNoReadOnceTheyAreDelivered) {
  std::vector<AttemptRow> attempts;
  for (const auto event : from(0)) {
    attempts.push_back({.key = {event, kEndpoint}, .number = 1, .succeeded = true});
    attempts.back().response.status = 200;
    attempts.back().response.started_at = event_of(1)->accepted_at;
  }
  ASSERT_TRUE(commit(*store_, {.attempts = attempts}));
  const auto page = reader_->load_owed(kEndpoint, from(0), 1u << 20);
  ASSERT_TRUE(page);
  EXPECT_FALSE(page->stopped);
  EXPECT_EQ(page->looked_at, kEvents);
  EXPECT_TRUE(page->events.empty());
}

TEST_F(StuckEvents, StopAReadForRetriesWhereTheyStand) {
  const auto [given, stuck] =
      read_past([&](const std::vector<EventSeq>& events) { return reader_->load_events(events, 1u << 20); },
                [](std::size_t at) { return from(at); });
  EXPECT_GE(stuck, 2u);
  EXPECT_LE(stuck, 5u);
  EXPECT_EQ(given + stuck, kEvents);
}

}  // namespace
}  // namespace exposee::store
