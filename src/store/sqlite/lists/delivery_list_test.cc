// That a list never costs more than it may, however little it finds. What it finds is the contract suite's
// matter.
#include "store/sqlite/lists/delivery_list.h"

#include <gtest/gtest.h>

#include "store/sqlite/lists/packed_walk.h"
#include "store/sqlite/sqlite_store.h"
#include "fakes/test_directory.h"

namespace exposee::store {
namespace {

constexpr std::uint64_t kEvents = 3 * kMaxScanRows - 100;  // three pages to the end

constexpr EventSeq seq(std::uint64_t n) {
  return EventSeq{first_seq(1).value + n};
}

// Very many events of type 1 without a subscription; only the very first has a delivery, of endpoint 1.
class LongLists : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new fakes::TestDirectory;
    store_ = SqliteStore::open(directory_->path(), {.durable = false})->release();
    std::vector<EventRef> events;
    for (std::uint64_t n = 0; n < kEvents; ++n) {
      events.push_back(std::make_shared<const Event>(Event{seq(n),
                                                           {},
                                                           TypeNumber{1},
                                                           RegistryVersion{n == 0 ? 1u : 2u},
                                                           from_micros(static_cast<std::int64_t>(n)),
                                                           "",
                                                           ""}));
    }
    const RegistryChanges changes{
        .types = {{TypeNumber{1}, "a", "", {}}},
        .subscriptions = {{"a", EndpointNumber{1}, RegistryVersion{1}, RegistryVersion{2}}}};
    ASSERT_TRUE(store_->write({.events = events, .registry = &changes}));
    reader_ = (*store_->open_reader()).release();
  }
  static void TearDownTestSuite() {
    delete reader_;
    delete store_;
    delete directory_;
  }
  // How many pages until the end; what they hold is appended.
  static std::uint64_t pages(DeliveryFilter filter, std::vector<DeliveryView>& found) {
    for (std::uint64_t n = 1;; ++n) {
      const auto page = reader_->deliveries(filter);
      EXPECT_TRUE(page) << page.error().message;
      found.insert(found.end(), page->deliveries.begin(), page->deliveries.end());
      if (!page->next) return n;
      EXPECT_TRUE(page->next->endpoint) << "a cursor must be a delivery's key";
      filter.before = page->next;
    }
  }

  static inline fakes::TestDirectory* directory_ = nullptr;
  static inline SqliteStore* store_ = nullptr;
  static inline Reader* reader_ = nullptr;
};

TEST_F(LongLists, AWalkThatFindsNothingEndsAtItsLimitAndGoesOn) {
  std::vector<DeliveryView> found;
  EXPECT_EQ(pages({.status = DeliveryStatus::succeeded}, found), 3u);
  EXPECT_TRUE(found.empty());
}

TEST_F(LongLists, TheLastDeliveryOfAllIsFoundAfterManyEmptyPages) {
  std::vector<DeliveryView> found;
  EXPECT_GE(pages({}, found), 3u);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].row.key.event, seq(0));
}

TEST_F(LongLists, CancelledOnesAreSoughtOnlyWhereAnIntervalHadBeenOpen) {
  std::vector<DeliveryView> found;
  EXPECT_EQ(pages({.status = DeliveryStatus::cancelled}, found), 1u);
  EXPECT_EQ(found.size(), 1u);
}

TEST_F(LongLists, ASpanOfTimeIsFoundWithoutWalkingToIt) {
  std::vector<DeliveryView> found;
  EXPECT_EQ(pages({.until = from_micros(10)}, found), 1u);
  EXPECT_EQ(found.size(), 1u);
}

TEST_F(LongLists, ExhaustedOnesAreFoundByTheirIndex) {
  std::vector<DeliveryView> found;
  EXPECT_EQ(pages({.status = DeliveryStatus::exhausted}, found), 1u);
}

// The plans behind the limits: without them a list would still be right, and slow.
TEST(QueryPlans, EveryListUsesItsIndex) {
  const fakes::TestDirectory directory;
  const auto store = *SqliteStore::open(directory.path(), {.durable = false});
  const auto db = *Database::open(directory.path() + "/" + kDataFileName, {.read_only = true});
  const std::pair<const char*, const char*> plans[] = {
      {"SELECT * FROM delivery WHERE status <> 2 AND status = ?3 AND event BETWEEN ?1 AND ?2"
       " ORDER BY event DESC, endpoint DESC",
       "SEARCH delivery USING INDEX delivery_of_status (status=? AND event>? AND event<?)"},
      {"SELECT * FROM delivery WHERE event BETWEEN ?1 AND ?2 ORDER BY event DESC, endpoint DESC",
       "SEARCH delivery USING PRIMARY KEY (event>? AND event<?)"},
      {"SELECT * FROM delivery WHERE status = 0 AND endpoint = ?1 AND (due, event) > (?2, ?3)"
       " ORDER BY due, event LIMIT ?4",
       "SEARCH delivery USING INDEX delivery_due (endpoint=? AND (due,event)>(?,?))"},
      {"SELECT endpoint, count(*), min(due) FROM delivery WHERE status = 0 GROUP BY endpoint ORDER BY "
       "endpoint",
       "SCAN delivery USING COVERING INDEX delivery_due"},
      {"SELECT endpoint, first_event FROM backlog_pack INDEXED BY backlog_pack_of_events"
       " WHERE (first_event, endpoint) > (?1, ?2) AND first_event <= ?3 ORDER BY first_event, endpoint LIMIT ?4",
       "SEARCH backlog_pack USING COVERING INDEX backlog_pack_of_events"
       " ((first_event,endpoint)>(?,?) AND first_event<?)"},
      {"SELECT max(first_event) FROM backlog_pack WHERE endpoint = ?2 AND first_event <= ?1",
       "SEARCH backlog_pack USING PRIMARY KEY (endpoint=? AND first_event<?)"},
      {"SELECT until_version IS NULL FROM subscription WHERE endpoint = ?1 AND pattern = ?2"
       " AND from_version <= ?3 AND (until_version IS NULL OR until_version > ?3)",
       "SEARCH subscription USING PRIMARY KEY (endpoint=? AND pattern=? AND from_version<?)"},
      {"SELECT pattern, from_version FROM subscription WHERE endpoint = ?1 AND until_version IS NULL",
       "SEARCH subscription USING PRIMARY KEY (endpoint=?)"},
      {"SELECT endpoint, pattern, from_version FROM subscription WHERE until_version IS NULL"
       " ORDER BY endpoint, pattern, from_version",
       "SCAN subscription"},
      {"SELECT endpoint, pattern, from_version, until_version FROM subscription"
       " ORDER BY endpoint DESC, pattern DESC, from_version DESC",
       "SCAN subscription"},
      {"SELECT endpoint, pattern, from_version, until_version FROM subscription"
       " WHERE (endpoint, pattern, from_version) > (?1, ?2, ?3) ORDER BY endpoint, pattern, from_version LIMIT ?4",
       "SEARCH subscription USING PRIMARY KEY ((endpoint,pattern,from_version)>(?,?,?))"},
      {"SELECT last_event, count, numbers FROM backlog_pack WHERE endpoint = ?1 AND first_event = ?2",
       "SEARCH backlog_pack USING PRIMARY KEY (endpoint=? AND first_event=?)"},
  };
  for (const auto& [sql, plan] : plans) {
    auto query = db->prepared(db->prepare(std::string("EXPLAIN QUERY PLAN ") + sql));
    ASSERT_TRUE(query.step()) << sql;
    EXPECT_EQ(query.text(3), plan);
    EXPECT_FALSE(query.step()) << "sorts: " << query.text(3);
  }
}

// A block in which more endpoints wait than a list looks through, and below it one with a single pack.
class CrowdedBlock : public testing::Test {
 protected:
  static constexpr std::uint64_t kEndpoints = 1'200;
  static constexpr EventSeq kBelow{first_of_block(seq(10'000))}, kWaiting{kBelow.value + kPackBlock}, kLast{kWaiting.value + 2};

  void SetUp() override {
    RegistryChanges changes{.types = {{TypeNumber{1}, "a", "", {}}, {TypeNumber{2}, "b", "", {}}}};
    std::vector<BacklogPack> packs;
    for (std::uint64_t n = 1; n <= kEndpoints; ++n) {
      const EndpointNumber endpoint{n};
      changes.subscriptions.push_back({"a", endpoint, RegistryVersion{1}, {}});
      packs.push_back({endpoint, pack({kWaiting, kLast})});
    }
    changes.subscriptions.push_back({"b", EndpointNumber{1}, RegistryVersion{1}, {}});
    packs.push_back({EndpointNumber{1}, pack({kBelow})});
    const std::vector events{event(kBelow, 2), event(kWaiting, 1), event(kLast, 1)};
    ASSERT_TRUE(store_->write(
        {.events = events, .registry = &changes, .checkpoint = Checkpoint{kLast, {}}, .packs = packs}));
  }
  static EventPack pack(std::initializer_list<EventSeq> events) {
    std::vector<EventPack> packs;
    for (const auto event : events) add_to(packs, event);
    return packs.at(0);
  }
  static EventRef event(EventSeq at, std::uint64_t type) {
    return std::make_shared<const Event>(Event{at, {}, TypeNumber{type}, RegistryVersion{1}, from_micros(1), "", ""});
  }

  fakes::TestDirectory directory_;
  std::unique_ptr<SqliteStore> store_ = *SqliteStore::open(directory_.path(), {.durable = false});
};

TEST_F(CrowdedBlock, IsListedWholeWithWhatLiesBelow) {
  const auto reader = *store_->open_reader();
  std::vector<DeliveryKey> found;
  DeliveryFilter filter{.status = DeliveryStatus::pending, .limit = 200};
  for (bool more = true; more;) {
    const auto page = reader->deliveries(filter);
    ASSERT_TRUE(page) << page.error().message;
    for (const auto& delivery : page->deliveries) found.push_back(delivery.row.key);
    filter.before = page->next;
    more = page->next.has_value();
  }
  ASSERT_EQ(found.size(), 2 * kEndpoints + 1);
  EXPECT_TRUE(std::ranges::is_sorted(found, std::ranges::greater{}));
  EXPECT_EQ(found.back(), (DeliveryKey{kBelow, EndpointNumber{1}}));
}

TEST_F(CrowdedBlock, CostsAListNoMoreThanALookAtAPartOfIt) {
  auto db = *Database::open(directory_.path() + "/exposee.db", {.read_only = true});
  PackedWalk walk(*db, {seq(0), kLast}, {});
  std::int64_t cost = 0;
  EXPECT_FALSE(*walk.next(cost));
  EXPECT_LT(cost, 1'100);
  ASSERT_TRUE(walk.crowded());
  EXPECT_EQ(walk.crowded()->first, kWaiting);
  EXPECT_EQ(walk.crowded()->last, kLast);
}

}  // namespace
}  // namespace exposee::store
