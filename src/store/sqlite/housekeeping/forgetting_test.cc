// Forgetting beside damage: what needs the page stays, and all else goes. What is forgotten at all, the contract says
// (tests/contract/forget_test.cc).
#include "store/sqlite/housekeeping/forgetting.h"

#include <gtest/gtest.h>

#include "fakes/test_directory.h"
#include "store/sqlite/file/test_disk.h"
#include "store/sqlite/test_store.h"

namespace exposee::store {
namespace {

constexpr std::uint64_t kEvents = 300, kEnded = 40;

class ForgettingBesideDamage : public testing::Test {
 protected:
  // Subscriptions that each ended before the next began; of the time of every second one an event is kept.
  void SetUp() override {
    open();
    RegistryChanges changes{.version = RegistryVersion{2 * kEnded + 2}};
    for (std::uint64_t n = 1; n <= kEnded; ++n) {
      const EndpointNumber number{n};
      auto endpoint = std::make_shared<Endpoint>();
      endpoint->number = number;
      endpoint->removed_at = from_micros(1);
      changes.endpoints.push_back(endpoint);
      changes.subscriptions.push_back({"*", number, RegistryVersion{2 * n}, RegistryVersion{2 * n + 1}});
    }
    ASSERT_TRUE(commit(*store_, {.registry = &changes}));
    std::vector<EventRef> events;
    for (std::uint64_t n = 1; n <= kEvents; ++n) {
      auto event = std::make_shared<Event>(*event_of(n));
      event->version = RegistryVersion{4 * (n * kEnded / 2 / (kEvents + 1)) + 4};
      events.push_back(event);
    }
    ASSERT_TRUE(commit_events(*store_, events));
  }
  void open() { store_ = must_open(directory_.path(), {.durable = false, .troubles = &troubles_}); }
  void damage(const std::string& table, int page) {
    store_.reset();
    damage_page(directory_.path() + "/" + std::string(kDataFileName), table, page);
    open();
  }

  TestDisk disk_;
  const fakes::TestDirectory directory_;
  CollectedTroubles troubles_;
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(ForgettingBesideDamage, SubscriptionsOfOtherTimesGo) {
  damage("event", 3);
  const auto done = store_->forget_ended({}, {}, 1'000);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_GT(done->gone, 0u);
  EXPECT_TRUE(done->some_stay);
}

TEST_F(ForgettingBesideDamage, EachEndpointGoesOrNotByItself) {
  damage("event", 3);
  std::uint64_t gone = 0, failed = 0;
  for (std::uint64_t n = 1; n <= kEnded; ++n) {
    const EndpointNumber number{n};
    const auto done = store_->forget({}, {&number, 1});
    done ? gone += done->size() : ++failed;
  }
  EXPECT_GT(gone, kEnded / 4);
  EXPECT_GT(failed, 0u);
}

// The disk does not read a page: likewise.
TEST_F(ForgettingBesideDamage, BesideAPageThatIsNotReadTheOthersGoToo) {
  store_.reset();
  disk_.break_page(leaf_page(directory_.path() + "/" + std::string(kDataFileName), "event", 3));
  open();
  const auto ended = store_->forget_ended({}, {}, 1'000);
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_GT(ended->gone, 0u);
  EXPECT_TRUE(ended->some_stay);
  std::uint64_t gone = 0, failed = 0;
  for (std::uint64_t n = 1; n <= kEnded; ++n) {
    const EndpointNumber number{n};
    const auto done = store_->forget({}, {&number, 1});
    done ? gone += done->size() : ++failed;
    EXPECT_TRUE(done || done.error().code == ErrorCode::unreadable) << done.error().message;
  }
  EXPECT_GT(gone, kEnded / 4);
  EXPECT_GT(failed, 0u);
}

TEST_F(ForgettingBesideDamage, AMarkThatCannotBeRemovedKeepsNoEndpoint) {
  std::vector<LaneMark> marks;
  for (std::uint64_t n = 1; n <= 2'000; ++n) marks.push_back({EndpointNumber{n}, EventSeq{n}});
  ASSERT_TRUE(commit(*store_, {.checkpoint = Checkpoint{event_of(kEvents)->seq, marks}}));
  damage("lane_mark", 0);
  const EndpointNumber first{1};
  const auto found_out = store_->forget({}, {&first, 1});
  const auto gone = store_->forget({}, {&first, 1});
  ASSERT_TRUE(gone) << gone.error().message;
  EXPECT_EQ(gone->size(), 1u);
}

}  // namespace
}  // namespace exposee::store
