// Retention beside damage: one page that cannot be read stops nothing else. What retention removes and what
// it leaves, the contract says (tests/contract/retention_test.cc).
#include "store/sqlite/housekeeping/retention.h"

#include <gtest/gtest.h>

#include "fakes/test_directory.h"
#include "store/sqlite/test_store.h"

namespace exposee::store {
namespace {

constexpr Instant kNever = Instant::min(), kLater = Instant::max();
constexpr std::uint64_t kEvents = 2'000, kEndpoints = 12, kLimit = 500;

class RetentionBesideDamage : public testing::Test {
 protected:
  void SetUp() override {
    open();
    for (std::uint64_t n = 1; n <= kEvents; n += 100) fill(n, 100);
    ASSERT_TRUE(commit(*store_, {.checkpoint = Checkpoint{event_of(kEvents)->seq, {}}}));
  }
  // To each endpoint: some failed for good, the others succeeded.
  void fill(std::uint64_t first, std::uint64_t events) {
    std::vector<AttemptRow> attempts;
    std::vector<DeliveryRow> rows;
    for (std::uint64_t n = first; n < first + events; ++n) {
      for (std::uint64_t to = 1; to <= kEndpoints; ++to) {
        attempts.push_back({{event_of(n)->seq, EndpointNumber{to}}, 1, to % 2 == 0, {}});
        attempts.back().response.status = to % 2 == 0 ? 200 : 500;
        if (to % 2 == 1)
          rows.push_back({.key = attempts.back().key, .status = DeliveryStatus::exhausted, .attempts = 1});
      }
    }
    ASSERT_TRUE(commit_events(*store_, events_from(first, events)));
    ASSERT_TRUE(commit(*store_, {.attempts = attempts, .deliveries = rows}));
  }
  void open() { store_ = must_open(directory_.path(), {.durable = false, .troubles = &troubles_}); }
  void damage(const std::string& table, int page) {
    store_.reset();
    damage_page(directory_.path() + "/" + std::string(kDataFileName), table, page);
    open();
  }
  Expired expire_all(Instant events_before, Instant replies_before) {
    Expired all{.more = true};
    for (int steps = 0; all.more; ++steps) {
      const auto done = store_->expire({}, events_before, replies_before, kLimit);
      EXPECT_TRUE(done) << done.error().message;
      EXPECT_LT(steps, 1'000);
      if (!done || steps == 1'000) break;
      all = {.events = all.events + done->events, .replies = all.replies + done->replies, .more = done->more};
    }
    return all;
  }

  const fakes::TestDirectory directory_;
  CollectedTroubles troubles_;
  std::unique_ptr<SqliteStore> store_;
};

struct DamagedPage {
  std::string table;
  int page;  // the n-th of the table, from 0
};
class OfATable : public RetentionBesideDamage, public testing::WithParamInterface<DamagedPage> {};

TEST_P(OfATable, OnePageIsToldOnceAndPassedOverAndAllElseGoes) {
  damage(GetParam().table, GetParam().page);
  const auto gone = expire_all(kLater, kNever).events;
  EXPECT_GE(gone, kEvents - 3 * 64) << "the places that need the page";
  EXPECT_TRUE(store_->load_events(std::vector{event_of(kEvents)->seq}, SIZE_MAX)->events.empty())
      << "also behind it";
  const auto told = troubles_.of("event");
  EXPECT_GE(told, 1);
  EXPECT_LE(told, 3);
  EXPECT_EQ(expire_all(kLater, kNever).events, 0u);
  EXPECT_EQ(troubles_.of("event"), told);
}

INSTANTIATE_TEST_SUITE_P(Retention, OfATable, testing::Values(DamagedPage{"event", 0}, DamagedPage{"event", 7}, DamagedPage{"success", 7},
                                         DamagedPage{"attempt", 7}, DamagedPage{"delivery", 7}),
                         [](const auto& info) { return info.param.table + std::to_string(info.param.page); });

// Some of it is removed already: what is left of it stays, and holds up nothing.
TEST_F(RetentionBesideDamage, APlaceThatIsHalfRemovedIsGivenUp) {
  const auto first = store_->expire({}, kLater, kNever, 100);
  ASSERT_TRUE(first && first->more);
  damage("attempt", 0);
  EXPECT_GE(first->events + expire_all(kLater, kNever).events, kEvents - 3 * 64);
  EXPECT_TRUE(store_->forget({}, {}));
}

TEST_F(RetentionBesideDamage, OldRepliesGoButThoseOfTheDamagedPage) {
  constexpr int kReplies = 3'000;
  const StoredReply reply{"", 200, "", ""};
  for (int n = 0; n < kReplies; ++n) {
    const auto key = "key " + std::to_string(n);
    ASSERT_TRUE(commit(*store_, {.durability = Durability::with_next,
                                 .now = from_micros(n),
                                 .claims = std::vector<KeyClaim>{{key, &reply}}}));
  }
  damage("stored_reply", 5);
  const auto gone = expire_all(kNever, kLater).replies;
  EXPECT_LT(gone, kReplies);
  EXPECT_GE(gone, kReplies - 500) << "all but those of the page and the two beside it";
  EXPECT_EQ(expire_all(kLater, kLater).events, kEvents) << "events do not wait for them";
}

// Rows that the steps count, of some old events to so many endpoints; a young one beside them keeps the packs.
std::uint64_t work_of(std::uint64_t fan_out) {
  constexpr std::uint64_t kOld = 4;
  const fakes::TestDirectory directory;
  const auto store = must_open(directory.path(), {.durable = false});
  EXPECT_TRUE(commit_events(*store, events_from(1, kOld + 1)));
  std::vector<AttemptRow> attempts;
  for (std::uint64_t to = 1; to <= fan_out; ++to) {
    for (std::uint64_t n = 1; n <= kOld + 1; ++n) {
      attempts.push_back({{event_of(n)->seq, EndpointNumber{to}}, 1, true, {}});
      attempts.back().response.status = 200;
    }
  }
  EXPECT_TRUE(commit(*store, {.attempts = attempts, .checkpoint = Checkpoint{event_of(kOld + 1)->seq, {}}}));
  std::uint64_t work = 0, events = 0;
  for (bool more = true; more;) {
    const auto done = store->expire({}, event_of(kOld + 1)->accepted_at, kNever, 100);
    EXPECT_TRUE(done) << done.error().message;
    if (!done) break;
    more = done->more;
    work += done->rows;
    events += done->events;
  }
  EXPECT_EQ(events, kOld);
  EXPECT_EQ(store->load_touched_after({})->size(), fan_out);
  return work;
}

TEST(Retention, TheWorkOfAnEventGrowsWithItsFanOutAndNotFaster) {
  const auto few = work_of(1'000);
  EXPECT_GT(few, 1'000 / 64) << "so many packs, at least";
  EXPECT_LE(work_of(4'000), 4 * few + few / 10);
}

TEST(PassedOver, StretchesGrowTogether) {
  using Added = PassedOver::Added;
  PassedOver passed;
  const auto range = [](std::uint64_t first, std::uint64_t last) {
    return SeqRange{EventSeq{first}, EventSeq{last}};
  };
  EXPECT_EQ(passed.add(range(10, 20)), Added::apart);
  EXPECT_EQ(passed.add(range(40, 50)), Added::apart);
  EXPECT_EQ(passed.add(range(21, 30)), Added::beside);
  EXPECT_EQ(passed.add(range(12, 30)), Added::nothing);
  EXPECT_EQ(passed.end_after(EventSeq{9}).value, 30u);
  EXPECT_EQ(passed.end_after(EventSeq{8}).value, 8u);
  EXPECT_EQ(passed.last_before(EventSeq{31}, EventSeq{99}).value, 39u);
  EXPECT_EQ(passed.add(range(5, 60)), Added::beside);
  EXPECT_TRUE(passed.has(EventSeq{55}) && passed.has(EventSeq{5}) && !passed.has(EventSeq{61}));
  EXPECT_EQ(passed.last_before(EventSeq{61}, EventSeq{99}).value, 99u);
}

}  // namespace
}  // namespace exposee::store
