#include "engine/turn/store_health.h"

#include <gtest/gtest.h>

#include "fakes/quiet_observer.h"

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

const Instant kNow = from_micros(1'700'000'000'000'000);

struct Disk final : DiskSpace {
  std::optional<Room> room() const override {
    ++looks;
    return now;
  }
  std::optional<Room> now = Room{10ull << 30, 100ull << 30};
  mutable int looks = 0;
};

struct StoreHealthTest : testing::Test {
  EngineSettings settings;
  Disk disk;
  fakes::QuietObserver observer;
  StoreHealth health{settings, &disk, observer};
};

TEST_F(StoreHealthTest, WhileTheStoreFailsItIsTriedNowAndThen) {
  EXPECT_TRUE(health.may_write(kNow));
  health.failed({ErrorCode::unavailable, "away", ""}, kNow);
  EXPECT_FALSE(health.works());
  EXPECT_FALSE(health.may_write(kNow + kStoreRetry - 1us));
  EXPECT_EQ(health.until_try(kNow), kStoreRetry);
  EXPECT_TRUE(health.may_write(kNow + kStoreRetry));
  EXPECT_EQ(health.until_try(kNow + 1s), Duration::zero());
  health.succeeded();
  EXPECT_TRUE(health.works());
}

TEST_F(StoreHealthTest, EachFailureAndEachRecoveryIsToldOnce) {
  for (int i = 0; i < 3; ++i) health.failed({ErrorCode::full, "no room", ""}, kNow);
  for (int i = 0; i < 3; ++i) health.succeeded();
  EXPECT_EQ(observer.failures, 1);
  EXPECT_EQ(observer.recoveries, 1);
  health.failed({ErrorCode::full, "no room", ""}, kNow);
  EXPECT_EQ(observer.failures, 2);
}

TEST_F(StoreHealthTest, WhoeverIsInAHurryTriesAtOnce) {
  health.failed({ErrorCode::unavailable, "away", ""}, kNow);
  health.try_at(kNow);
  EXPECT_TRUE(health.may_write(kNow));
}

TEST_F(StoreHealthTest, OnlyAFullStoreIsCalledFull) {
  EXPECT_EQ(StoreHealth::refusal(ErrorCode::full).why, Refusal::store_full);
  for (const auto code : {ErrorCode::unavailable, ErrorCode::damaged, ErrorCode::internal}) {
    EXPECT_EQ(StoreHealth::refusal(code, "so it is").why, Refusal::store_away);
  }
  EXPECT_EQ(StoreHealth::refusal(ErrorCode::internal, "so it is").detail, "so it is");
}

TEST_F(StoreHealthTest, EventsAreRefusedWhileTheDiskIsNearlyFull) {
  health.look_at_disk(kNow);
  EXPECT_EQ(health.refuses_events(), "");
  disk.now->free = (256u << 20) - 1;
  health.look_at_disk(kNow + 1s);
  EXPECT_TRUE(health.disk_is_low());
  EXPECT_TRUE(health.refuses_events().starts_with("There are 255 MiB left on the disk of the data, and 256 MiB"));
  disk.now->free = 256u << 20;
  health.look_at_disk(kNow + 2s);
  EXPECT_FALSE(health.disk_is_low());
  EXPECT_EQ(health.refuses_events(), "");
  EXPECT_EQ(observer.disk, "lh");
}

TEST_F(StoreHealthTest, WhatIsToStayFreeIsAHundredthOfASmallDiskOrWhatIsSet) {
  disk.now = {.free = 101u << 10, .total = 10u << 20};  // a hundredth: 102.4 KiB
  health.look_at_disk(kNow);
  EXPECT_TRUE(health.disk_is_low());
  settings.min_free_disk = 100u << 10;
  health.look_at_disk(kNow + 1s);
  EXPECT_FALSE(health.disk_is_low());
}

TEST_F(StoreHealthTest, TheDiskIsLookedAtOnceASecondAtMost) {
  for (auto now = kNow; now < kNow + 3s; now += 100ms) health.look_at_disk(now);
  EXPECT_EQ(disk.looks, 3);
}

TEST_F(StoreHealthTest, ADiskOfWhichNothingIsKnownHasRoom) {
  disk.now.reset();
  health.look_at_disk(kNow);
  EXPECT_FALSE(health.disk_is_low());
  StoreHealth without(settings, nullptr, observer);
  without.look_at_disk(kNow);
  EXPECT_FALSE(without.disk_is_low());
}

}  // namespace
}  // namespace exposee::engine
