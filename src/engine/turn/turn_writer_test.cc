#include "engine/turn/turn_writer.h"

#include <gtest/gtest.h>

#include "fakes/faulty_store.h"
#include "fakes/memory_store.h"

namespace exposee::engine {
namespace {

const Instant kNow = from_micros(1'700'000'000'000'000);
const std::vector<Hold> kHolds{{EndpointNumber{1}, kNow}};

struct TurnWriterTest : testing::Test {
  Written write() {
    Turn turn{.now = kNow, .holds = kHolds};
    return writer.write(turn);
  }
  std::uint64_t last_turn() { return store.load_start()->last_turn.turn; }

  fakes::FaultPlan plan;
  fakes::FaultyStore store{std::make_unique<fakes::MemoryStore>(), plan};
  TurnWriter writer{store};
};

TEST_F(TurnWriterTest, TurnsAreNumberedFromTheLastOneOn) {
  writer.begin({.turn = 41}, 0);
  EXPECT_TRUE(write());
  EXPECT_TRUE(write());
  EXPECT_EQ(store.load_start()->last_turn, (TurnMarker{.turn = 43}));
}

TEST_F(TurnWriterTest, TurnsCarryTheEpochOfTheirNode) {
  writer.begin({}, *store.raise_epoch(1));
  EXPECT_TRUE(write());
  ASSERT_TRUE(store.raise_epoch(1));
  EXPECT_EQ(write().conflict, Conflict::stale_node);
}

TEST_F(TurnWriterTest, TheStoreSaysHowAnUnknownTurnEnded) {
  plan.fail_next(1, ErrorCode::unavailable, fakes::Fault::in_effect);
  EXPECT_EQ(write().end, WriteEnd::unknown);
  EXPECT_EQ(writer.settled().value(), true);
  plan.fail_next(1, ErrorCode::unavailable, fakes::Fault::lost);
  EXPECT_EQ(write().end, WriteEnd::unknown);
  EXPECT_EQ(writer.settled().value(), false);
}

TEST_F(TurnWriterTest, ATurnAloneIsCommittedRefusedOrFailed) {
  plan.fail_next(1, ErrorCode::unavailable, fakes::Fault::in_effect);
  EXPECT_TRUE(writer.write_alone({.holds = kHolds}, kNow));
  EXPECT_EQ(last_turn(), 1u);
  plan.fail_next(1, ErrorCode::damaged, fakes::Fault::lost);
  const auto lost = writer.write_alone({.holds = kHolds}, kNow);
  EXPECT_EQ(lost.end, WriteEnd::failed);
  EXPECT_EQ(lost.error.code, ErrorCode::unavailable) << "it passes";
  plan.fail_next(1, ErrorCode::unavailable, fakes::Fault::refused);
  EXPECT_EQ(writer.write_alone({.holds = kHolds}, kNow).end, WriteEnd::refused);
}

TEST_F(TurnWriterTest, WhatNobodySaysTheEndOfCountsAsFailed) {
  plan.fail_next(2, ErrorCode::unavailable, fakes::Fault::in_effect);  // the question fails, too
  EXPECT_EQ(writer.write_alone({.holds = kHolds}, kNow).end, WriteEnd::failed);
  EXPECT_TRUE(writer.write_alone({.holds = kHolds}, kNow)) << "once more does no harm";
}

TEST_F(TurnWriterTest, AHeldTurnIsReleasedWithItsPlan) {
  EXPECT_FALSE(writer.has_unknown());
  writer.hold({.plan = {.outcomes = true}, .took = Duration{5}});
  EXPECT_TRUE(writer.has_unknown());
  const auto turn = writer.release();
  EXPECT_TRUE(turn.plan.outcomes);
  EXPECT_EQ(turn.took, Duration{5});
  EXPECT_FALSE(writer.has_unknown());
}

TEST(ComesAgain, OnlyWhatIsInTheTurnItself) {
  struct Case {
    Written written;
    bool again;
  };
  const Case cases[] = {
      {Written{}, false},
      {Written::failed({ErrorCode::damaged, "", ""}), true},
      {Written::failed({ErrorCode::internal, "", ""}), true},
      {Written::failed({ErrorCode::unavailable, "", ""}), false},
      {Written::failed({ErrorCode::full, "", ""}), false},
      {Written::failed({ErrorCode::internal, "", ""}, true), false},
      {Written::unknown({ErrorCode::internal, "", ""}), false},
      {Written::refused(Conflict::stale_registry), false},
  };
  for (const auto& each : cases) EXPECT_EQ(comes_again(each.written), each.again);
}

}  // namespace
}  // namespace exposee::engine
