// What waits for one endpoint lies on a page that the disk does not read any more: a start counts everybody
// else's, and takes that endpoint for one of whom something waits.
#include "store/sqlite/rows/delivery_rows.h"

#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "fakes/test_directory.h"
#include "store/sqlite/file/test_disk.h"
#include "store/sqlite/test_store.h"

namespace exposee::store {
namespace {

constexpr EndpointNumber kFirst{1}, kTroubled{2}, kLast{3};
constexpr std::uint64_t kFew = 10, kMany = 2'000;

struct Told : RowTroubleSink {
  void row_in_trouble(const RowTrouble& trouble) override {
    const std::scoped_lock lock(mutex);
    tables[trouble.table].push_back(trouble.row);
  }
  std::mutex mutex;
  std::map<std::string, std::vector<std::string>> tables;
};

Endpoint endpoint(EndpointNumber number) {
  Endpoint made{.number = number, .url = "http://a.example/"};
  made.id.bits[15] = static_cast<std::uint8_t>(number.value);
  return made;
}

class UnreadRows : public testing::Test {
 protected:
  void SetUp() override {
    const auto store = must_open(directory_.path());
    RegistryChanges changes{.version = RegistryVersion{3}};
    std::vector<DeliveryRow> rows;
    std::vector<BacklogPack> packs;
    for (const auto number : {kFirst, kTroubled, kLast}) {
      changes.endpoints.push_back(std::make_shared<const Endpoint>(endpoint(number)));
      const auto count = number == kTroubled ? kMany : kFew;
      for (std::uint64_t n = 1; n <= count; ++n) {
        rows.push_back(
            {.key = {event_of(n)->seq, number}, .due = event_of(n)->accepted_at, .asked = n % 2 == 0});
      }
      for (std::uint64_t n = 0; n < count / kFew; ++n) {
        packs.push_back({number, {}});
        for (std::uint64_t of_pack = 0; of_pack < 800; ++of_pack) {
          packs.back().events.add(EventSeq{(block_of(first_seq(1)) + n + 1) * kPackBlock + of_pack});
        }
      }
    }
    const std::vector last{std::make_shared<const Event>([] {
      auto event = *event_of(1);
      event.seq = EventSeq{(block_of(first_seq(1)) + 1'000) * kPackBlock};
      return event;
    }())};
    ASSERT_TRUE(commit(*store, {.events = last, .deliveries = rows, .registry = &changes, .packs = packs}));
  }
  // One in the middle of the table's or index's leaves.
  std::int64_t middle_page(const std::string& name) {
    const auto db = *Database::open(directory_.path() + "/exposee.db", {});
    auto query = db->prepared(db->prepare("SELECT pageno FROM dbstat WHERE name = '" + name +
                                          "' AND pagetype = 'leaf' ORDER BY path"));
    std::vector<std::int64_t> pages;
    while (query.step()) pages.push_back(query.integer(0));
    EXPECT_GT(pages.size(), 6u) << name;
    return pages[pages.size() / 2];
  }
  Result<StartState> start() {
    store_.reset();
    auto store = SqliteStore::open(directory_.path(), {.troubles = &told_});
    if (!store) return std::move(store).error();
    store_ = *std::move(store);
    return store_->load_start();
  }

  TestDisk disk_;
  Told told_;
  fakes::TestDirectory directory_;
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(UnreadRows, OfOneEndpointRefuseNoStart) {
  for (const std::string index : {"delivery_due", "delivery_asked"}) disk_.break_page(middle_page(index));
  const auto state = start();
  ASSERT_TRUE(state) << state.error().message;
  ASSERT_EQ(state->pending.size(), 3u);
  EXPECT_EQ(state->pending[0].count, kFew);
  EXPECT_EQ(state->pending[0].first_due, event_of(1)->accepted_at);
  EXPECT_EQ(state->pending[1].endpoint, kTroubled);
  EXPECT_GE(state->pending[1].count, 1u);
  EXPECT_GE(state->pending[1].asked, 1u);
  EXPECT_EQ(state->pending[2].count, kFew);
  EXPECT_EQ(told_.tables["delivery"], std::vector<std::string>{"of endpoint 2"});
  EXPECT_FALSE(store_->load_pending(kTroubled, {}, {}, kMany));
  EXPECT_EQ(store_->load_pending(kLast, {}, {}, 100)->size(), kFew / 2);
}

// By the thread that reads for lanes, through a connection of its own.
TEST_F(UnreadRows, OfOneEndpointAreItsOwnTroubleToAReader) {
  for (const std::string index : {"delivery_due", "delivery_asked"}) disk_.break_page(middle_page(index));
  ASSERT_TRUE(start());
  const auto reader = *store_->open_reader();
  for (const auto number : {kFirst, kLast, kTroubled, kFirst, kLast}) {
    const auto pending = reader->load_pending(number, {}, {}, kMany);
    const auto asked = reader->load_asked(number, {}, {}, kMany);
    EXPECT_EQ(bool(pending), number != kTroubled) << number.value;
    EXPECT_EQ(bool(asked), number != kTroubled) << number.value;
    if (pending && asked) {
      EXPECT_EQ(pending->size() + asked->size(), kFew);
    }
  }
}

TEST_F(UnreadRows, PacksOfOneEndpointRefuseNoStart) {
  const auto before = start()->packs;
  disk_.break_page(middle_page("backlog_pack"));
  const auto state = start();
  ASSERT_TRUE(state) << state.error().message;
  ASSERT_EQ(state->packs.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(state->packs[i].key, before[i].key);
    EXPECT_GE(state->packs[i].last, before[i].last);
    if (before[i].key.endpoint == kTroubled) continue;
    EXPECT_EQ(state->packs[i].count, before[i].count);
  }
  EXPECT_EQ(told_.tables["backlog_pack"], std::vector<std::string>{"of endpoint 2"});
}

TEST_F(UnreadRows, OfTheRegistryRefuseIt) {
  const auto db = *Database::open(directory_.path() + "/exposee.db", {});
  auto query = db->query("SELECT rootpage FROM sqlite_schema WHERE name = 'endpoint'");
  ASSERT_TRUE(query.step());
  disk_.break_page(query.integer(0));
  const auto refused = start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unreadable) << "it may pass";
}

}  // namespace
}  // namespace exposee::store
