// Nodes share a store: each notes how far it is with its own shards, and one that has lost them writes no
// more.
#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

using Shards = StoreContract;

const auto kOne = ShardSet::of(endpoint(1)), kTwo = ShardSet::of(endpoint(2));

TEST_P(Shards, AreNotedApart) {
  commit([](TurnRows& turn) { turn.put_checkpoint(seq(5), {{endpoint(1), seq(2)}, {endpoint(2), seq(3)}}); });
  commit([](TurnRows& turn) { turn.put_checkpoint(seq(7), {{endpoint(1), seq(6)}}, kOne); });
  auto state = store().load_start();
  EXPECT_EQ(state->checkpoint(endpoint(1)), seq(7));
  EXPECT_EQ(state->checkpoint(endpoint(2)), seq(5));
  ASSERT_EQ(state->marks.size(), 2u);
  EXPECT_EQ(state->marks[0].low_water, seq(6));
  EXPECT_EQ(state->marks[1].low_water, seq(3)) << "it is somebody else's";
  commit([](TurnRows& turn) { turn.put_checkpoint(seq(8), {}, ShardSet::all().without(kOne)); });
  state = store().load_start();
  EXPECT_EQ(state->checkpoint(endpoint(1)), seq(7));
  EXPECT_EQ(state->checkpoint(endpoint(63)), seq(8)) << "the highest bit of the set";
  ASSERT_EQ(state->marks.size(), 1u);
  EXPECT_EQ(state->marks[0].endpoint, endpoint(1));
}

TEST_P(Shards, AllHoldRetentionUp) {
  commit_registry();
  add_events({sample_event(1), sample_event(2)});
  commit([](TurnRows& turn) {
    turn.add_attempts({sample_attempt(key(1, 1), 1, 200), sample_attempt(key(1, 2), 1, 200)});
    turn.put_checkpoint(seq(2), {}, ShardSet::all().without(kTwo));
  });
  const auto expire = [&] { return store().expire({}, at(1'000'000), at(0), 100)->events; };
  EXPECT_EQ(expire(), 0u) << "one shard is at the beginning";
  commit([](TurnRows& turn) { turn.put_checkpoint(seq(1), {}, kTwo); });
  EXPECT_EQ(expire(), 1u);
}

TEST_P(Shards, OfANodeThatWasTakenOverAreWrittenNoMore) {
  const auto write_as = [&](std::uint64_t node, std::uint64_t epoch) {
    return write([&](TurnRows& turn) {
      turn.set_marker({node, 1});
      turn.set_epoch(epoch);
      turn.put_hold({endpoint(1), at(50)});
    });
  };
  const auto first = *store().raise_epoch(1), other = *store().raise_epoch(2);
  EXPECT_GT(first, 0u);
  EXPECT_EQ(write_as(1, first).end, WriteEnd::committed);
  const auto second = *store().raise_epoch(1);
  EXPECT_GT(second, first);
  EXPECT_EQ(write_as(1, first).conflict, Conflict::stale_node);
  EXPECT_EQ(write_as(2, other).end, WriteEnd::committed) << "it is another node";
  EXPECT_EQ(write_as(1, second).end, WriteEnd::committed);
}

// Each step of housekeeping, in the name of a node that was taken over.
TEST_P(Shards, OfANodeThatWasTakenOverAreNotTidiedEither) {
  commit_registry();
  add_events({sample_event(1), sample_event(2), sample_event(3)});
  put_rows({sample_row(key(2, 1), DeliveryStatus::pending)});
  const auto pack = pack_of(1, {3});
  commit([&](TurnRows& turn) {
    turn.add_attempts({sample_attempt(key(1, 1), 1, 200), sample_attempt(key(1, 2), 1, 200)});
    turn.put_checkpoint(seq(3), {});
    turn.put_packs({pack});
  });
  const NodeEpoch was{1, *store().raise_epoch(1)}, is{1, *store().raise_epoch(1)},
      other{2, *store().raise_epoch(2)};
  const PackStretch stretch{seq(3), seq(3)};
  const auto stale = [](const auto& step) { return !step && step.error().code == ErrorCode::stale; };
  const auto before = text_of(store().load_start());
  EXPECT_TRUE(stale(store().cancel(was, endpoint(1), 9, at(500))));
  EXPECT_TRUE(stale(store().expire(was, at(1'000'000), at(1'000'000), 100)));
  EXPECT_TRUE(stale(store().forget(was, std::vector{endpoint(1)})));
  EXPECT_TRUE(stale(store().forget_ended(was, {}, 9)));
  EXPECT_TRUE(stale(store().sift(was, endpoint(1), {&stretch, 1})));
  EXPECT_TRUE(stale(store().end_unowed(was, endpoint(1), {Instant::min(), {}}, {}, 9, at(500))));
  EXPECT_EQ(text_of(store().load_start()), before);
  EXPECT_EQ(store().load_events_after({}, 9)->events.size(), 3u);
  EXPECT_EQ(text_of(store().expire(other, at(1'000'000), at(0), 100)), text_of(Expired{.events = 1}))
      << "it has not been";
  EXPECT_EQ(text_of(store().cancel(is, endpoint(1), 9, at(500))), "1");
}

TEST_P(Shards, EpochsAscendOverStarts) {
  const auto before = *store().raise_epoch(1);
  reopen();
  EXPECT_GT(*store().raise_epoch(1), before);
}

EXPOSEE_FOR_EVERY_STORE(Shards);

}  // namespace
}  // namespace exposee::contract
