// Lanes are opened and closed by shard while the engine runs, as nodes do that share endpoints: whoever does
// not hold an endpoint's shard sends nothing to it, and whoever takes it up knows what it is owed.
#include <algorithm>

#include "sim/world/tell_story.h"
#include "sim/world/variants.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

constexpr EndpointNumber kFirst{1}, kSecond{2};

std::int64_t posts_to(const World& world, EndpointNumber endpoint) {
  return std::ranges::count(world.sender.seen, endpoint, &Seen::endpoint);
}

struct ShardsTest : testing::Test {
  void SetUp() override {
    world.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{10s, 10s}});
    world.add_endpoint("http://b.example/", {"*"}, RetrySchedule{{10s, 10s}});
  }
  void close(ShardSet shards) {
    world.engine->close_shards(shards);
    world.run(3s);  // past a checkpoint
  }
  bool holds(EndpointNumber number) const { return world.engine->dispatcher().shards().has(number); }

  Disk disk;
  World world{disk.options(31)};
};

TEST_F(ShardsTest, ANodeAloneHoldsAll) {
  EXPECT_EQ(world.engine->dispatcher().shards().held, ShardSet::all());
}

TEST_F(ShardsTest, WhatIsLeftStartsNothingAndTheOthersGoOn) {
  close(ShardSet::of(kFirst));
  EXPECT_FALSE(holds(kFirst));
  must_publish(world);
  world.run(1min);
  EXPECT_EQ(posts_to(world, kFirst), 0);
  EXPECT_EQ(posts_to(world, kSecond), 1);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u) << "what it owes is somebody else's to count";
}

TEST_F(ShardsTest, WhoTakesThemUpKnowsWhatIsOwed) {
  world.sender.receivers[kFirst].mood = Mood::broken;
  const auto waiting = must_publish(world);  // with a row
  world.run(1s);
  close(ShardSet::of(kFirst));
  const auto unseen = must_publish(world);  // accepted meanwhile
  world.sender.receivers[kFirst].mood = Mood::fine;
  world.run(1min);
  ASSERT_TRUE(world.engine->open_shards(ShardSet::of(kFirst)));
  EXPECT_EQ(world.engine->dispatcher().owed(), 2u);
  world.run(1min);
  EXPECT_EQ(status_of(world, waiting.seq, kFirst), DeliveryStatus::succeeded);
  EXPECT_EQ(status_of(world, unseen.seq, kFirst), DeliveryStatus::succeeded);
  EXPECT_EQ(posts_to(world, kSecond), 2) << "nobody else is told anything twice";
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

TEST_F(ShardsTest, AreNotGoneBeforeWhatIsUnderWayIsRecorded) {
  world.sender.receivers[kFirst].mood = Mood::hanging;  // 15 s
  must_publish(world);
  world.run(1s);
  close(ShardSet::of(kFirst));
  EXPECT_TRUE(holds(kFirst));
  world.run(20s);
  EXPECT_FALSE(holds(kFirst));
}

TEST_F(ShardsTest, ThatAreTakenUpWhileTheyAreBeingLeftStay) {
  world.sender.receivers[kFirst].mood = Mood::hanging;
  must_publish(world);
  world.run(1s);
  world.engine->close_shards(ShardSet::of(kFirst));
  world.sender.receivers[kFirst].mood = Mood::fine;
  must_publish(world);
  world.run(1s);
  EXPECT_EQ(posts_to(world, kFirst), 1);
  ASSERT_TRUE(world.engine->open_shards(ShardSet::of(kFirst)));
  world.run(1s);
  EXPECT_EQ(posts_to(world, kFirst), 2);
}

TEST_F(ShardsTest, WhatIsChangedOfAnEndpointWhileSomebodyElseHasItIsKnownAfterwards) {
  close(ShardSet::of(kFirst));
  const auto owed = must_publish(world);
  const auto id = world.engine->registry()->endpoint_numbered(kFirst)->id;
  ASSERT_TRUE(*world.remove(id));
  ASSERT_TRUE(world.engine->open_shards(ShardSet::of(kFirst)));
  world.run(1min);
  EXPECT_EQ(posts_to(world, kFirst), 0);
  EXPECT_EQ(status_of(world, owed.seq, kFirst), DeliveryStatus::cancelled);
}

TEST_F(ShardsTest, ARetryByHandMeanwhileIsMadeByWhoHasThem) {
  const auto published = must_publish(world);
  world.run(1s);
  close(ShardSet::of(kFirst));
  ASSERT_TRUE(*world.retry({published.seq, kFirst}));
  world.run(1min);
  EXPECT_EQ(posts_to(world, kFirst), 1);
  ASSERT_TRUE(world.engine->open_shards(ShardSet::of(kFirst)));
  world.run(1s);
  EXPECT_EQ(posts_to(world, kFirst), 2);
}

TEST_F(ShardsTest, AStoreThatFailsLeavesThemWithNobody) {
  close(ShardSet::of(kFirst));
  const auto owed = must_publish(world);
  disk.faults.fail_next(1, ErrorCode::unavailable);
  EXPECT_FALSE(world.engine->open_shards(ShardSet::of(kFirst)));
  EXPECT_FALSE(holds(kFirst));
  world.run(3s);
  ASSERT_TRUE(world.engine->open_shards(ShardSet::of(kFirst)));
  world.run(1s);
  EXPECT_EQ(status_of(world, owed.seq, kFirst), DeliveryStatus::succeeded);
}

TEST_F(ShardsTest, ANodeThatWasTakenOverWritesAndStartsNothing) {
  world.sender.receivers[kFirst].mood = Mood::broken;
  must_publish(world);
  world.run(1s);
  const auto seen = world.sender.seen.size();
  ASSERT_TRUE(world.store->raise_epoch(1));
  const auto refused = world.publish("user_registered", "{}");
  ASSERT_TRUE(refused && !*refused);
  EXPECT_EQ(refused->error().why, engine::Refusal::store_away);
  world.run(1min);
  EXPECT_EQ(world.sender.seen.size(), seen);
  EXPECT_FALSE(world.engine->store_works());
  world.crash();
  world.run(1min);
  EXPECT_GT(world.sender.seen.size(), seen) << "a new life has a new epoch";
}

// What was left to end, to be looked through and to expire is the other node's to see to.
TEST_F(ShardsTest, ANodeThatWasTakenOverTidiesNothingUp) {
  world.sender.receivers[kFirst].mood = world.sender.receivers[kSecond].mood = Mood::broken;
  const auto waits = must_publish(world);
  world.run(1s);
  world.put(engine::UpdateEndpoint{.id = world.engine->registry()->endpoint_numbered(kFirst)->id,
                                   .disabled = true});
  const auto expires = disk.faults.expires;
  disk.faults.wrote = [this](const Turn& turn) {
    if (turn.registry) (void)world.store->raise_epoch(1);  // before the rows end that it has disabled
  };
  world.step();
  EXPECT_EQ(disk.data->state.rows.at({waits.seq, kFirst}).status, DeliveryStatus::pending);
  EXPECT_FALSE(world.engine->store_works()) << "a step is refused before any turn is";
  world.run(1h);
  EXPECT_EQ(disk.data->state.rows.at({waits.seq, kFirst}).status, DeliveryStatus::pending);
  EXPECT_EQ(disk.faults.expires, expires) << "it does not even try";
  disk.faults.wrote = {};
  world.crash();
  world.run(1min);
  EXPECT_EQ(disk.data->state.rows.at({waits.seq, kFirst}).status, DeliveryStatus::cancelled);
}

TEST_F(ShardsTest, AreNotTakenUpWhileNobodyKnowsHowTheLastTurnEnded) {
  close(ShardSet::of(kFirst));
  disk.faults.fail_next(2, ErrorCode::unavailable, fakes::Fault::in_effect);  // the question fails, too
  world.publish_soon("user_registered", "{}");
  world.step();
  EXPECT_FALSE(world.engine->open_shards(ShardSet::of(kFirst)));
  world.run(3s);
  ASSERT_TRUE(world.engine->open_shards(ShardSet::of(kFirst)));
  world.run(1min);
  EXPECT_EQ(posts_to(world, kFirst), 1) << "once, though it was there before its client was told";
}

TEST_F(ShardsTest, AreGoneAlsoWhenNothingElseHappens) {
  world.sender.longest_wait = 2s;  // what waits in the sender comes back late
  must_publish(world);
  world.engine->close_shards(ShardSet::of(kFirst));
  world.run(10s);
  EXPECT_FALSE(holds(kFirst));
}

// Given away and taken up at random, in the middle of everything; the windows are tiny, so that packs are
// written.
class RandomShards : public testing::TestWithParam<std::uint64_t> {
 protected:
  void one_act() {
    const auto dice = world.random.below(20);
    const auto number = EndpointNumber{1 + world.random.below(kEndpoints)};
    const ShardSet some{world.random.next() & world.random.next()};
    if (dice < 8) return world.publish_soon("user_registered", "{}");
    if (dice < 11) {
      world.engine->close_shards(some);
    } else if (dice < 14) {
      (void)world.engine->open_shards(some);  // not while the store fails
    } else if (dice == 14) {
      world.crash();
    } else if (dice == 15) {
      break_store(world, disk);
    } else if (dice < 18) {
      world.sender.receivers[number].mood = static_cast<Mood>(world.random.below(kRandomMoods - 2));
    }
    world.run(dice % 2 == 0 ? Duration{2s} : Duration{5ms});
  }

  static constexpr std::uint64_t kEndpoints = 6;
  Disk disk;
  World world{disk.options(GetParam(), variant_named("hardly_any_memory").settings)};
};

TEST_P(RandomShards, LoseNothingAndDoubleNothing) {
  for (std::uint64_t n = 0; n < kEndpoints; ++n) {
    world.add_endpoint("http://" + std::to_string(n) + ".example/", {"*"},
                       RetrySchedule{{1s, 1s, 1s, 1min, 1h}});
  }
  world.sender.on_start = [this](const SendJob& job) {
    EXPECT_TRUE(world.engine->dispatcher().shards().serves(job.target->endpoint)) << "it is not ours";
  };
  for (int n = 0; n < 120; ++n) one_act();
  for (auto& [number, receiver] : world.sender.receivers) receiver.mood = Mood::fine;
  disk.faults.fail_from = 0;
  world.run(2s);  // until the store works again
  ASSERT_TRUE(world.engine->open_shards(ShardSet::all()));
  world.run(3h);
  std::map<std::tuple<EndpointNumber, EventId, std::uint32_t>, int> successes;
  for (const auto& seen : world.sender.seen) {
    successes[{seen.endpoint, seen.event, seen.life}] += seen.status / 100 == 2;
  }
  for (const auto& [where, count] : successes) EXPECT_LE(count, 1) << "once in one life";
  for (const auto& acked : world.acked) {
    for (std::uint64_t n = 1; n <= kEndpoints; ++n) {
      EXPECT_NE(status_of(world, acked.seq, EndpointNumber{n}), DeliveryStatus::pending) << n;
    }
  }
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomShards, testing::Range<std::uint64_t>(1, 101));

}  // namespace
}  // namespace exposee::sim
