#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

constexpr Instant kNever = Instant::min();

// Ten events of type 1, one delivery each to endpoints 1 and 2, all succeeded, and the low water above them.
class Retention : public StoreContract {
 protected:
  void SetUp() override {
    commit_registry();
    for (std::uint64_t n = 1; n <= 10; ++n) {
      add_events({sample_event(n)});
      add_attempts({sample_attempt(key(n, 1), 1, 200), sample_attempt(key(n, 2), 1, 200)});
    }
    put_checkpoint(10);
  }
  std::string left() { return keys({.endpoint = endpoint(1)}); }
};

TEST_P(Retention, WhatIsOlderGoesWithAllThatHangsOnIt) {
  put_rows(
      {sample_row(key(3, 1), DeliveryStatus::exhausted), sample_row(key(4, 1), DeliveryStatus::exhausted)});
  const auto done = expire_all(at(4'000), kNever, 100);
  EXPECT_EQ(text_of(done), text_of(Expired{.events = 3}));
  EXPECT_EQ(left(), "10/1 9/1 8/1 7/1 6/1 5/1 4/1");
  EXPECT_EQ(reader().event(sample_event(3)->id).error().code, ErrorCode::not_found);
  EXPECT_EQ(reader().delivery(key(3, 1)).error().code, ErrorCode::not_found);
  EXPECT_EQ(text_of(reader().attempts(key(3, 1))), "[]");
  EXPECT_EQ(store().load_touched_after({})->size(), 14u);
  EXPECT_EQ(text_of(reader().count_events()), "7");
}

TEST_P(Retention, OneStepRemovesAboutSoMuchAsItsLimit) {
  for (std::uint64_t n = 11; n <= 300; ++n) add_events({sample_event(n)});
  put_checkpoint(300);
  const auto first = store().expire({}, at(999'000), kNever, 10);
  must(first);
  EXPECT_TRUE(first->more);
  EXPECT_GT(first->events, 0u);
  EXPECT_LT(first->events, 10u + 64u) << "neighbours may go together";
  EXPECT_EQ(first->events + expire_all(at(999'000), kNever, 10).events, 300u);
  EXPECT_EQ(left(), "");
}

TEST_P(Retention, AnEventWithMoreAttemptsThanOneStepMayRemoveGoesAtOnceAndLeavesNothing) {
  for (std::uint32_t n = 2; n <= 9; ++n) add_attempts({sample_attempt(key(1, 1), n, 200)});
  const auto first = store().expire({}, at(2'000), kNever, 4);
  must(first);
  EXPECT_TRUE(first->more);
  EXPECT_EQ(first->events, 1u);
  EXPECT_EQ(reader().event(seq(1)).error().code, ErrorCode::not_found);
  EXPECT_EQ(keys({.event = seq(1)}), "");
  EXPECT_GT(store().load_touched_after({})->size(), 18u) << "some are left";
  reopen();
  EXPECT_EQ(text_of(expire_all(at(2'000), kNever, 4)), text_of(Expired{}));
  EXPECT_EQ(store().load_touched_after({})->size(), 18u);
}

// Of one place of the store, and to many endpoints: in many steps, and nobody else's.
TEST_P(Retention, WhatIsYoungerInTheSamePlaceStays) {
  constexpr std::uint64_t kEndpoints = 300;
  std::vector<AttemptRow> attempts;
  for (std::uint64_t n = 1; n <= 10; ++n) {
    for (std::uint64_t to = 3; to <= kEndpoints; ++to) attempts.push_back(sample_attempt(key(n, to), 1, 200));
  }
  add_attempts(attempts);
  put_rows({sample_row(key(4, 7), DeliveryStatus::exhausted), sample_row(key(8, 7), DeliveryStatus::exhausted)});
  EXPECT_EQ(expire_all(at(6'000), kNever, 20).events, 5u);
  EXPECT_EQ(store().load_touched_after({})->size(), 5 * kEndpoints);
  EXPECT_EQ(reader().attempts(key(6, 299))->size(), 1u);
  EXPECT_EQ(text_of(reader().attempts(key(5, 299))), "[]");
  EXPECT_EQ(reader().delivery(key(8, 7))->row.status, DeliveryStatus::exhausted);
  EXPECT_EQ(expire_all(at(99'000), kNever, 20).events, 5u);
  EXPECT_EQ(store().load_touched_after({})->size(), 0u);
}

TEST_P(Retention, WhatIsStillOwedStays) {
  put_rows({sample_row(key(2, 1), DeliveryStatus::pending, at(500'000))});
  put_checkpoint(7);
  EXPECT_EQ(expire_all(at(99'000), kNever, 2).events, 6u);
  EXPECT_EQ(left(), "10/1 9/1 8/1 2/1");
  put_rows({sample_row(key(2, 1), DeliveryStatus::exhausted)});
  EXPECT_EQ(expire_all(at(99'000), kNever, 2).events, 1u);
  EXPECT_EQ(left(), "10/1 9/1 8/1");
}

// Its mark bounds what a start must read again, and what it is owed stands in packs.
TEST_P(Retention, ALaneThatLagsKeepsTheEventsThatItWaitsForAndNoOthers) {
  put_pack(2, {3, 4, 8});
  EXPECT_EQ(expire_all(at(99'000), kNever, 2).events, 7u);
  EXPECT_EQ(left(), "8/1 4/1 3/1");
  put_pack(1, {3});
  commit([](TurnRows& turn) { turn.remove_packs({PackKey{endpoint(2), seq(3)}}); });
  EXPECT_EQ(expire_all(at(99'000), kNever, 2).events, 2u);
  EXPECT_EQ(left(), "3/1");
}

// A call goes on where the last one ended, and what the store then knew of packs is not all that there is by now.
TEST_P(Retention, WhatIsPackedAndPassedByTheMarkBetweenTwoStepsStays) {
  for (std::uint64_t n = 11; n <= 110; ++n) add_events({sample_event(n)});
  put_checkpoint(100);
  const auto first = store().expire({}, at(999'000), kNever, 2)->events;
  EXPECT_LT(first, 100u);
  commit([](TurnRows& turn) {
    turn.put_packs({pack_of(2, {101, 102, 103, 104, 105, 106, 107, 108, 109, 110})});
    turn.put_checkpoint(seq(110));
  });
  EXPECT_EQ(first + expire_all(at(999'000), kNever, 2).events, 100u);
  EXPECT_EQ(keys({.endpoint = endpoint(2)}), "110/2 109/2 108/2 107/2 106/2 105/2 104/2 103/2 102/2 101/2");
}

// More packs than one step looks at; then an event goes over into a pack before those that are not looked at yet.
TEST_P(Retention, WhatGoesOverIntoAnotherPackBetweenTwoStepsStays) {
  constexpr std::uint64_t kEndpoints = 1'500;
  commit([](TurnRows& turn) {
    for (std::uint64_t n = 1; n <= kEndpoints; ++n) turn.put_packs({pack_of(n, {3})});
    turn.put_packs({pack_of(2, {9})});
  });
  must(store().expire({}, at(2'000), kNever, 100));
  commit([](TurnRows& turn) {
    turn.remove_packs({PackKey{endpoint(2), seq(9)}});
    turn.put_packs({pack_of(2, {3, 9})});
  });
  expire_all(at(99'000), kNever, 100);
  EXPECT_EQ(left(), "9/1 3/1");
}

// An attempt was under way when its endpoint was disabled, and ends when its event has gone.
TEST_P(Retention, WhatComesOfAnEventThatIsGoneLeavesNothing) {
  expire_all(at(4'000), kNever, 100);
  const auto end = [this](std::uint64_t n) {
    commit([n](TurnRows& turn) {
      turn.add_attempts({sample_attempt(key(n, 3), 1, 200), sample_attempt(key(n, 2), 2, 500)});
      turn.put_deliveries({sample_row(key(n, 2), DeliveryStatus::exhausted)});
    });
  };
  end(3);
  end(5);
  EXPECT_EQ(text_of(reader().attempts(key(3, 3))), "[]");
  EXPECT_EQ(text_of(reader().attempts(key(3, 2))), "[]");
  EXPECT_EQ(reader().attempts(key(5, 3))->size(), 1u);
  EXPECT_EQ(reader().attempts(key(5, 2))->size(), 2u);
  EXPECT_EQ(store().load_touched_after({})->size(), 15u) << "two of each event that is there, and one more";
  reopen();
  end(2);
  EXPECT_EQ(store().load_touched_after({})->size(), 15u);
  EXPECT_EQ(text_of(expire_all(at(99'000), kNever, 100)), text_of(Expired{.events = 7}));
  EXPECT_EQ(store().load_touched_after({})->size(), 0u);
}

TEST_P(Retention, NothingAboveAMarkGoes) {
  commit(
      [](TurnRows& turn) { turn.put_checkpoint(seq(10), std::vector{LaneMark{endpoint(2), seq(4)}}); });
  EXPECT_EQ(expire_all(at(99'000), kNever, 100).events, 4u);
}

TEST_P(Retention, NothingGoesBeforeTheFirstCheckpoint) {
  put_checkpoint(0);
  EXPECT_EQ(expire_all(at(99'000), kNever, 100).events, 0u);
}

TEST_P(Retention, ANumberIsNeverUsedAgain) {
  expire_all(at(99'000), kNever, 100);
  EXPECT_EQ(text_of(reader().count_events()), "0");
  EXPECT_EQ(store().load_start()->last_event, seq(10));
  reopen();
  EXPECT_EQ(store().load_start()->last_event, seq(10));
}

TEST_P(Retention, OldRepliesGoOldestFirst) {
  for (const int n : {3, 1, 2, 4}) {
    commit([&](TurnRows& turn) {
      turn.set_now(at(n));
      turn.claim("key " + std::to_string(n), {"", 200, "", ""});
    });
  }
  EXPECT_EQ(store().expire({}, kNever, at(4), 2)->replies, 2u);
  EXPECT_FALSE(find_reply("key 2"));
  EXPECT_TRUE(find_reply("key 3"));
  EXPECT_EQ(expire_all(kNever, at(4), 2).replies, 1u);
  EXPECT_TRUE(find_reply("key 4"));
}

EXPOSEE_FOR_EVERY_STORE(Retention);

}  // namespace
}  // namespace exposee::contract
