#include "engine/turn/turn_room.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

PublishBatch batch_of(std::size_t events) {
  PublishBatch batch;
  for (std::size_t n = 0; n < events; ++n) batch.items.push_back({.type_name = "a", .data = "{}"});
  return batch;
}

TEST(TurnRoom, TakesCommandsUntilTheirEventsAreSoManyAndTheOneThatFillsItWhole) {
  TurnRoom room({.events_per_turn = 10});
  EXPECT_TRUE(room.take(batch_of(4)));
  EXPECT_TRUE(room.take(PublishEvent{}));
  EXPECT_TRUE(room.take(batch_of(kMaxBatch)));
  EXPECT_FALSE(room.take(PublishEvent{}));
  EXPECT_FALSE(room.take(Inspect{}));
}

TEST(TurnRoom, CountsOtherCommandsToo) {
  TurnRoom room({.events_per_turn = 2});
  EXPECT_TRUE(room.take(Inspect{}));
  EXPECT_TRUE(room.take(DeclareType{}));
  EXPECT_FALSE(room.take(DeclareType{}));
}

TEST(TurnRoom, IsFullByBytesAsWell) {
  TurnRoom room({.event_bytes_per_turn = 100});
  EXPECT_TRUE(room.take(PublishEvent{.data = std::string(99, 'x')}));
  EXPECT_TRUE(room.take(batch_of(30)));
  EXPECT_FALSE(room.take(PublishEvent{}));
}

TEST(TurnRoom, HoldsTheLargestBatchInAllItsSize) {
  TurnRoom room(kUsualLimits);
  EXPECT_TRUE(room.take(batch_of(kMaxBatch)));
  EXPECT_TRUE(room.take(PublishEvent{}));
}

TEST(TurnRoom, IsUnlimitedForATurnThatCarriesNothingOut) {
  auto room = TurnRoom::unlimited();
  for (int n = 0; n < 100; ++n) EXPECT_TRUE(room.take(batch_of(kMaxBatch)));
}

TEST(TurnRoom, HalfOfItTakesOneCommandAtLeast) {
  auto half = TurnRoom({.events_per_turn = 6}).half();
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(half.take(PublishEvent{}));
  EXPECT_FALSE(half.take(PublishEvent{}));
  auto least = TurnRoom({.events_per_turn = 1, .event_bytes_per_turn = 1}).half();
  EXPECT_TRUE(least.take(PublishEvent{}));
  EXPECT_FALSE(least.take(PublishEvent{}));
}

}  // namespace
}  // namespace exposee::engine
