#include "engine/ended_subscriptions.h"

#include <gtest/gtest.h>

#include "engine/settings.h"
#include "fakes/faulty_store.h"
#include "fakes/memory_store.h"
#include "fakes/quiet_observer.h"
#include "fakes/turn_rows.h"

namespace exposee::engine {
namespace {

constexpr Instant kStart = from_micros(1'000'000);

// What is there of subscriptions that have ended, by the store's own word.
class EndedSubscriptionsTest : public testing::Test {
 protected:
  void put(std::uint64_t endpoint, std::uint64_t from, std::uint64_t until) {
    fakes::TurnRows turn;
    turn.put_subscription({"a", EndpointNumber{endpoint}, RegistryVersion{from}, RegistryVersion{until}});
    ASSERT_EQ(store_->write(turn.turn()).end, WriteEnd::committed);
  }
  void put_event(std::uint64_t seq, std::uint64_t version) {
    fakes::TurnRows turn;
    turn.add_events(
        {std::make_shared<const Event>(Event{.seq = EventSeq{seq}, .version = RegistryVersion{version}})});
    ASSERT_EQ(store_->write(turn.turn()).end, WriteEnd::committed);
  }
  std::size_t kept() const { return disk_->state.subscriptions.size(); }
  // Every step that comes until then.
  void run(Duration span) {
    for (const auto end = now_ + span; chore_.due() <= end;) {
      now_ = std::max(now_, chore_.due());
      chore_.step({}, now_, *store_, kUsualLimits.ended_step, observer_);
      ++steps_;
    }
  }

  std::shared_ptr<fakes::MemoryDisk> disk_ = std::make_shared<fakes::MemoryDisk>();
  fakes::FaultPlan plan_;
  std::unique_ptr<Store> store_ =
      std::make_unique<fakes::FaultyStore>(std::make_unique<fakes::MemoryStore>(disk_), plan_);
  fakes::QuietObserver observer_;
  EndedSubscriptionChore chore_;
  Instant now_ = kStart;
  int steps_ = 0;
};

TEST_F(EndedSubscriptionsTest, GoAllWithinSecondsHoweverManyTheyAre) {
  constexpr std::uint64_t kMany = 10 * kUsualLimits.ended_step;
  for (std::uint64_t n = 1; n <= kMany; ++n) put(1 + n % 7, 2 * n, 2 * n + 1);
  chore_.begin(now_);
  run(std::chrono::seconds(1));
  EXPECT_EQ(kept(), 0u);
  EXPECT_LE(steps_, 12);
}

TEST_F(EndedSubscriptionsTest, OnceNoneIsLeftNothingIsDoneUntilOneEnds) {
  chore_.begin(now_);
  run(std::chrono::hours(1));
  EXPECT_EQ(steps_, 1);
  put(1, 1, 2);
  chore_.note_ended(now_);
  run(std::chrono::hours(1));
  EXPECT_EQ(steps_, 2);
  EXPECT_EQ(kept(), 0u);
}

TEST_F(EndedSubscriptionsTest, ThatStayAreLookedAtEachMinute) {
  put(1, 1, 3);
  put_event(5, 2);
  chore_.begin(now_);
  run(std::chrono::minutes(10));
  EXPECT_EQ(kept(), 1u);
  EXPECT_EQ(steps_, 11);
}

TEST_F(EndedSubscriptionsTest, AFailureIsToldOnceAndTriedAgain) {
  put(1, 1, 2);
  plan_.fail_next(2, ErrorCode::unavailable);
  chore_.begin(now_);
  run(std::chrono::seconds(10));
  EXPECT_EQ(kept(), 0u);
  EXPECT_EQ(steps_, 3);
}

}  // namespace
}  // namespace exposee::engine
