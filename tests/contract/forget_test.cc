#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

constexpr Instant kNever = Instant::min();

// Endpoints 1 and 2 of type 1; of 1 it depends on the test what is kept. Version 9 removes it.
class Forget : public StoreContract {
 protected:
  void SetUp() override { commit_registry(); }

  void remove(std::uint64_t number) {
    commit([&](TurnRows& turn) {
      auto removed = sample_endpoint(number);
      removed.removed_at = at(900);
      turn.put_endpoint(removed);
      turn.put_hold({endpoint(number), at(5)});
      turn.put_failing({endpoint(number), {1, Duration{5}}});
      turn.put_checkpoint(seq(1), {{endpoint(number), EventSeq{}}});
    });
    close_subscription(1, number, 9);
  }
  std::string forgotten(std::vector<EndpointNumber> asked = {endpoint(1)}) {
    const auto gone = store().forget({}, asked);
    must(gone);
    std::string text;
    for (const auto number : *gone) text += std::to_string(number.value) + ' ';
    return text;
  }
  std::string endpoints() {
    std::string text;
    const auto start = store().load_start();
    for (const auto& each : start->endpoints) text += std::to_string(each.number.value) + ' ';
    return text;
  }
};

TEST_P(Forget, WhatNeverHadAnEventGoesWithAllItsRows) {
  remove(1);
  EXPECT_EQ(forgotten(), "1 ");
  reopen();
  const auto start = store().load_start();
  EXPECT_EQ(endpoints(), "2 3 ");
  EXPECT_TRUE(start->holds.empty() && start->failing.empty() && start->marks.empty());
  EXPECT_EQ(start->subscriptions.size(), 1u);
  EXPECT_EQ(forgotten(), "1 ") << "and stays gone";
}

TEST_P(Forget, OneThatWasNotRemovedStays) {
  EXPECT_EQ(forgotten({endpoint(1), endpoint(2), endpoint(3)}), "");
  EXPECT_EQ(endpoints(), "1 2 3 ");
}

TEST_P(Forget, AsLongAsAnEventOfItsTimeIsThereItsHistoryIsShown) {
  add_events({sample_event(1), sample_event(2, 1, 8), sample_event(3, 1, 9)});
  remove(1);
  put_checkpoint(3);
  EXPECT_EQ(forgotten(), "");
  EXPECT_EQ(expire_all(at(1'500), kNever, 100).events, 1u);
  EXPECT_EQ(forgotten(), "") << "the second was accepted before it was removed";
  EXPECT_EQ(keys({.endpoint = endpoint(1)}), "2/1");
  EXPECT_EQ(expire_all(at(2'500), kNever, 100).events, 1u);
  EXPECT_EQ(forgotten(), "1 ") << "the third afterwards";
  EXPECT_EQ(keys({}), "3/2");
}

TEST_P(Forget, AnEventFromBeforeItsTimeKeepsNobody) {
  add_events({sample_event(1)});
  commit([](TurnRows& turn) {
    turn.put_endpoint(sample_endpoint(4));
    turn.put_subscription({pattern(1), endpoint(4), version(5), {}});
    turn.put_version(version(5));
  });
  remove(4);
  EXPECT_EQ(forgotten({endpoint(4)}), "4 ") << "though the first is still owed to others";
  EXPECT_EQ(keys({}), "1/2 1/1");
}

TEST_P(Forget, AnEventOfItsTimeKeepsItThoughThoseBeforeAreGone) {
  add_events({sample_event(1)});
  put_pack(2, {1});
  commit([](TurnRows& turn) {
    turn.put_endpoint(sample_endpoint(4));
    turn.put_subscription({pattern(1), endpoint(4), version(5), {}});
    turn.put_version(version(5));
  });
  add_events({sample_event(2, 1, 6), sample_event(3, 1, 7)});
  remove(4);
  put_checkpoint(3);
  put_pack(2, {1});
  expire_all(at(2'500), kNever, 100);
  EXPECT_EQ(keys({.endpoint = endpoint(4)}), "3/4");
  EXPECT_EQ(forgotten({endpoint(4)}), "") << "between the first, which waits for another, and the third a number is missing";
  expire_all(at(3'500), kNever, 100);
  EXPECT_EQ(forgotten({endpoint(4)}), "4 ");
}

TEST_P(Forget, WhatStillWaitsKeepsIt) {
  remove(1);
  put_pack(1, {1});
  EXPECT_EQ(forgotten(), "");
  commit([](TurnRows& turn) { turn.remove_packs({{endpoint(1), seq(1)}}); });
  auto row = sample_row(key(1, 1), DeliveryStatus::pending);
  put_rows({row});
  EXPECT_EQ(forgotten(), "");
}

TEST_P(Forget, InTheMiddleOfAnEventNobodyGoes) {
  add_events({sample_event(1)});
  for (std::uint32_t n = 1; n <= 9; ++n) add_attempts({sample_attempt(key(1, 1), n, 500)});
  remove(1);
  put_checkpoint(1);
  must(store().expire({}, at(99'000), kNever, 4));
  ASSERT_EQ(keys({}), "");
  EXPECT_EQ(forgotten(), "");
  expire_all(at(99'000), kNever, 4);
  EXPECT_EQ(forgotten(), "1 ");
}

EXPOSEE_FOR_EVERY_STORE(Forget);

// Endpoint 1 comes and goes; 2 stays subscribed to type 1.
class ForgetEnded : public StoreContract {
 protected:
  void SetUp() override { commit_registry(); }

  void open_and_close(std::uint64_t from, std::uint64_t until, std::uint64_t of_endpoint = 1) {
    commit([&](TurnRows& turn) {
      turn.put_subscription({pattern(1), endpoint(of_endpoint), version(from), version(until)});
      turn.put_version(version(until));
    });
  }
  // One round, so many subscriptions a step: how many went, and whether some that have ended stay.
  std::string round(std::uint64_t limit = 100) {
    std::uint64_t gone = 0;
    bool some_stay = false;
    for (SubscriptionKey place;;) {
      const auto done = store().forget_ended({}, place, limit);
      must(done);
      gone += done->gone;
      some_stay |= done->some_stay;
      if (!done->next) return std::to_string(gone) + (some_stay ? " some stay" : "");
      EXPECT_GT(*done->next, place);
      place = *done->next;
    }
  }
};

TEST_P(ForgetEnded, OneThatIsOpenStays) {
  EXPECT_EQ(round(), "0");
  EXPECT_EQ(store().load_start()->subscriptions.size(), 2u);
}

TEST_P(ForgetEnded, ThoseWithoutAnEventGoInStepsOfAnyLength) {
  for (const std::uint64_t limit : {1, 2, 100}) {
    for (std::uint64_t n = 0; n < 5; ++n) open_and_close(10 + 2 * n, 11 + 2 * n, 1 + n % 3);
    EXPECT_EQ(round(limit), "5") << limit;
    reopen();
    EXPECT_EQ(round(limit), "0");
    EXPECT_EQ(store().load_start()->subscriptions.size(), 2u) << "the open ones";
  }
}

// As a start closes what should not have been open.
TEST_P(ForgetEnded, WhatCoversNothingGoesWhateverEventsThereAre) {
  open_and_close(5, 5);
  add_events({sample_event(1, 1, 4), sample_event(2, 1, 5), sample_event(3, 1, 6)});
  EXPECT_EQ(round(), "1");
  EXPECT_EQ(round(), "0");
}

TEST_P(ForgetEnded, AsLongAsAnEventOfItsTimeIsThereItTellsToWhomThatWasOwed) {
  close_subscription(1, 1, 5);
  add_events({sample_event(1, 1, 4), sample_event(2, 1, 5)});
  put_checkpoint(2);
  EXPECT_EQ(round(), "0 some stay");
  EXPECT_EQ(keys({.endpoint = endpoint(1)}), "1/1");
  EXPECT_EQ(expire_all(at(1'500), kNever, 100).events, 1u);
  EXPECT_EQ(round(), "1") << "the second came afterwards";
  EXPECT_EQ(keys({}), "2/2");
}

TEST_P(ForgetEnded, EventsBeforeAndAfterKeepNone) {
  add_events({sample_event(1, 1, 2)});
  open_and_close(5, 9, 3);
  open_and_close(10, 11, 3);
  add_events({sample_event(2, 1, 10), sample_event(3, 1, 11)});
  put_pack(2, {1});
  put_checkpoint(3);
  EXPECT_EQ(round(), "1 some stay");
  EXPECT_EQ(keys({.endpoint = endpoint(3)}), "2/3");
}

TEST_P(ForgetEnded, WhatEndedAndWasOpenedAgainStaysOpen) {
  close_subscription(1, 1, 5);
  commit([](TurnRows& turn) {
    turn.put_subscription({pattern(1), endpoint(1), version(6), {}});
    turn.put_version(version(6));
  });
  EXPECT_EQ(round(), "1");
  add_events({sample_event(1, 1, 6)});
  EXPECT_EQ(keys({.endpoint = endpoint(1)}), "1/1");
}

TEST_P(ForgetEnded, ADeliveryThatWaitsKeepsItsEventAndSoTheSubscription) {
  add_events({sample_event(1, 1, 4)});
  put_rows({sample_row(key(1, 1), DeliveryStatus::pending)});
  close_subscription(1, 1, 5);
  put_checkpoint(1);
  EXPECT_EQ(expire_all(at(99'000), kNever, 100).events, 0u);
  EXPECT_EQ(round(), "0 some stay");
  put_rows({sample_row(key(1, 1), DeliveryStatus::cancelled)});
  EXPECT_EQ(expire_all(at(99'000), kNever, 100).events, 1u);
  EXPECT_EQ(round(), "1");
}

TEST_P(ForgetEnded, InTheMiddleOfAnEventNoneGoes) {
  add_events({sample_event(1)});
  for (std::uint32_t n = 1; n <= 9; ++n) add_attempts({sample_attempt(key(1, 1), n, 500)});
  close_subscription(1, 1, 5);
  put_checkpoint(1);
  must(store().expire({}, at(99'000), kNever, 4));
  EXPECT_EQ(round(), "0 some stay");
  expire_all(at(99'000), kNever, 4);
  EXPECT_EQ(round(), "1");
}

EXPOSEE_FOR_EVERY_STORE(ForgetEnded);

}  // namespace
}  // namespace exposee::contract
