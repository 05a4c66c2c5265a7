// What the engine reads back of a lane's work: events owed, retries pending, what a crash left.
#include <array>

#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

using Owed = StoreContract;

std::string numbers(const std::vector<EventRef>& events) {
  std::string text;
  for (const auto& event : events) text += std::to_string(event->seq.value - seq(1).value + 1) + " ";
  return text;
}

std::string owed_text(Store& store, std::uint64_t of_endpoint, std::initializer_list<std::uint64_t> events) {
  std::vector<EventSeq> wanted;
  for (const auto n : events) wanted.push_back(seq(n));
  const auto page = store.load_owed(endpoint(of_endpoint), wanted, SIZE_MAX);
  return page ? numbers(page->events) + "and " + std::to_string(page->unowed) + " unowed"
              : page.error().message;
}

std::string pack_text(Store& store, std::uint64_t of_endpoint, std::uint64_t first, std::uint64_t last) {
  std::string text;
  const auto numbers = store.load_pack({endpoint(of_endpoint), seq(first)}, seq(last));
  for (const auto event : numbers->events) text += std::to_string(event.value - seq(1).value + 1) + " ";
  return text + (numbers->missing ? "of none" : "");
}

std::string row_keys(const Result<std::vector<DeliveryRow>>& rows) {
  std::string text;
  for (const auto& row : *rows) text += std::to_string(row.key.event.value - seq(1).value + 1) + " ";
  return text;
}

TEST_P(Owed, OnlyWhatAnOpenIntervalCoversAndNothingHasTouchedIsOwed) {
  commit_registry();
  add_events({sample_event(1), sample_event(2), sample_event(3, 2), sample_event(4), sample_event(5)});
  add_attempts({sample_attempt(key(1, 1), 1, 200), sample_attempt(key(2, 2), 1, 200)});
  put_rows({sample_row(key(4, 1), DeliveryStatus::pending)});
  EXPECT_EQ(owed_text(store(), 1, {1, 2, 3, 4, 5}), "2 5 and 1 unowed");
  EXPECT_EQ(owed_text(store(), 2, {1, 2, 3, 4, 5}), "1 4 5 and 1 unowed");
  EXPECT_EQ(owed_text(store(), 3, {1, 2, 3, 4, 5}), "and 5 unowed");
  EXPECT_EQ(owed_text(store(), 1, {2, 4}), "2 and 0 unowed") << "and only of those that are asked for";
  EXPECT_EQ(owed_text(store(), 1, {2, 9}), "2 and 0 unowed") << "there is no ninth";
  close_subscription(1, 1, 2);
  EXPECT_EQ(owed_text(store(), 1, {1, 5}), "and 2 unowed");
}

TEST_P(Owed, TheBytesComeAlong) {
  commit_registry();
  add_events({sample_event(1)});
  EXPECT_EQ(text_of(store().load_owed(endpoint(1), std::vector{seq(1)}, 1)->events),
            text_of(std::vector{sample_event(1)}));
}

TEST_P(Owed, APageEndsWithTheEventThatMakesItsBytes) {
  commit_registry();
  add_events({sample_event(1), sample_event(2), sample_event(3, 2), sample_event(4), sample_event(5)});
  add_attempts({sample_attempt(key(1, 1), 1, 200)});
  const auto body = sample_event(2)->body.size();
  ASSERT_EQ(sample_event(4)->body.size(), body);
  const std::vector wanted{seq(1), seq(2), seq(3), seq(4), seq(5)};
  const struct {
    std::size_t max_bytes;
    const char* events;
    std::size_t looked_at;
  } rows[] = {{0, "2 ", 2},          {1, "2 ", 2},          {body, "2 ", 2},
              {body + 1, "2 4 ", 4}, {2 * body, "2 4 ", 4}, {2 * body + 1, "2 4 5 ", 5}};
  for (const auto& row : rows) {
    const auto page = store().load_owed(endpoint(1), wanted, row.max_bytes);
    EXPECT_EQ(numbers(page->events), row.events) << row.max_bytes;
    EXPECT_EQ(page->looked_at, row.looked_at) << row.max_bytes;
    EXPECT_EQ(page->bytes, body * page->events.size()) << row.max_bytes;
  }
  EXPECT_EQ(store().load_owed(endpoint(3), wanted, 0)->looked_at, 5u) << "nothing is owed to it";
}

TEST_P(Owed, PacksAreKeptReplacedAndRemovedByTheirKey) {
  commit_registry();
  put_pack(2, {1, 7, 9});
  put_pack(1, {3, 4});
  put_pack(2, {1, 7, 9, 12});
  put_pack(2, {20});
  reopen();
  const auto packs = store().load_start()->packs;
  ASSERT_EQ(packs.size(), 3u);
  EXPECT_EQ(packs[0].key, (PackKey{endpoint(1), seq(3)}));
  EXPECT_EQ(packs[1].last, seq(12));
  EXPECT_EQ(packs[1].count, 4u);
  EXPECT_EQ(pack_text(store(), 2, 1, 12), "1 7 9 12 ");
  EXPECT_EQ(pack_text(store(), 1, 3, 4), "3 4 ");
  commit([](TurnRows& turn) {
    turn.remove_packs({PackKey{endpoint(2), seq(1)}, PackKey{endpoint(3), seq(1)}});
  });
  EXPECT_EQ(store().load_start()->packs.size(), 2u);
}

TEST_P(Owed, APackThatIsNotThereStandsForEveryEventOfItsStretch) {
  commit_registry();
  add_events({sample_event(1), sample_event(2), sample_event(3), sample_event(4), sample_event(5)});
  EXPECT_EQ(pack_text(store(), 1, 2, 4), "2 3 4 of none");
}

std::string sifted(Store& store, std::uint64_t of_endpoint,
                   std::initializer_list<std::array<std::uint64_t, 2>> packs) {
  std::vector<PackStretch> stretches;
  for (const auto& [first, last] : packs) stretches.push_back({seq(first), seq(last)});
  std::string text;
  const auto all = store.sift({}, endpoint(of_endpoint), stretches);
  must(all);
  for (const auto& [was, left, unowed, more] : *all) {
    if (!left.empty()) {
      for (const auto event : left.events()) text += std::to_string(event.value - seq(1).value + 1) + " ";
    }
    text += "and " + std::to_string(unowed) + " unowed; ";
  }
  return text;
}

std::string packs(Store& store) {
  std::string text;
  const auto start = store.load_start();
  for (const auto& [key, last, count] : start->packs) {
    text += pack_text(store, key.endpoint.value, key.first.value - seq(1).value + 1,
                      last.value - seq(1).value + 1) +
            "| ";
  }
  return text;
}

TEST_P(Owed, APackThatIsSiftedNamesOnlyWhatIsOwed) {
  commit_registry();
  commit([](TurnRows& turn) { turn.put_subscription({pattern(2), endpoint(1), version(1), {}}); });
  add_events({sample_event(1), sample_event(2, 2), sample_event(3), sample_event(4, 2), sample_event(5),
              sample_event(6, 2), sample_event(7, 2)});
  add_attempts({sample_attempt(key(3, 1), 1, 200)});
  put_rows({sample_row(key(5, 1), DeliveryStatus::exhausted)});
  put_pack(1, {1, 2, 3});
  put_pack(1, {4, 5});
  put_pack(1, {6, 7});
  put_pack(2, {1, 3});
  EXPECT_TRUE(store().load_start()->cut_off.empty());
  EXPECT_EQ(sifted(store(), 1, {{6, 7}}), "6 7 and 0 unowed; ") << "it stays as it is";
  close_subscription(1, 1, 2);
  EXPECT_EQ(store().load_start()->cut_off, std::vector{endpoint(1)});
  EXPECT_EQ(sifted(store(), 1, {{1, 3}, {4, 5}}), "2 and 2 unowed; 4 and 1 unowed; ");
  EXPECT_EQ(packs(store()), "2 | 4 | 6 7 | 1 3 | ");
  close_subscription(2, 1, 3);
  EXPECT_EQ(sifted(store(), 1, {{2, 2}, {4, 4}, {6, 7}}), "and 1 unowed; and 1 unowed; and 2 unowed; ");
  reopen();
  EXPECT_EQ(packs(store()), "1 3 | ");
  EXPECT_TRUE(store().load_start()->cut_off.empty());
}

TEST_P(Owed, PendingRowsOfWhatWasUnsubscribedEndAndNoOthers) {
  commit_registry();
  commit([](TurnRows& turn) { turn.put_subscription({pattern(2), endpoint(1), version(1), {}}); });
  std::vector<EventRef> events;
  for (std::uint64_t n = 1; n <= 7; ++n) events.push_back(sample_event(n, n == 2 ? 2 : 1));
  add_events(events);
  std::vector<DeliveryRow> rows;
  for (std::uint64_t n = 1; n <= 6; ++n)
    rows.push_back(sample_row(key(n, 1), DeliveryStatus::pending, at(30 + static_cast<std::int64_t>(n))));
  rows[2].manual = true;
  put_rows(rows);
  put_rows({sample_row(key(7, 1), DeliveryStatus::exhausted),
            sample_row(key(1, 2), DeliveryStatus::pending, at(30))});
  EXPECT_TRUE(store().load_start()->cut_off.empty());
  close_subscription(1, 1, 2);
  EXPECT_EQ(store().load_start()->cut_off, std::vector{endpoint(1)});
  const auto some = store().end_unowed({}, endpoint(1), {Instant::min(), {}}, std::vector{seq(4)}, 5, at(99));
  must(some);
  EXPECT_EQ(some->ended, (std::vector{seq(1), seq(5)})) << "2 is owed, 3 is by hand, 4 is under way";
  EXPECT_EQ(some->next, (std::pair{at(35), seq(5)}));
  const auto rest = store().end_unowed({}, endpoint(1), *some->next, {}, 5, at(99));
  must(rest);
  EXPECT_EQ(rest->ended, std::vector{seq(6)});
  EXPECT_EQ(rest->next, std::nullopt);
  reopen();
  EXPECT_EQ(row_keys(store().load_pending(endpoint(1), Instant::min(), {}, 10)), "2 3 4 ");
  EXPECT_EQ(row_keys(store().load_pending(endpoint(2), Instant::min(), {}, 10)), "1 ");
  const auto ended = store().look({.deliveries = {key(1, 1)}})->deliveries.at(0);
  EXPECT_EQ(ended->status, DeliveryStatus::cancelled);
  EXPECT_EQ(ended->updated_at, at(99));
  EXPECT_EQ(ended->due, std::nullopt);
}

TEST_P(Owed, OfEventsThatCameAfterASubscriptionNothingIsCutOff) {
  commit_registry();
  close_subscription(1, 1, 2);
  commit([](TurnRows& turn) {
    turn.put_subscription({pattern(1), endpoint(1), version(3), {}});
    turn.put_version(version(3));
  });
  add_events({sample_event(1, 1, 3)});
  put_pack(1, {1});
  EXPECT_TRUE(store().load_start()->cut_off.empty());
}

TEST_P(Owed, APackThatIsMissingIsSiftedAsWhatStandsForIt) {
  commit_registry();
  add_events({sample_event(1), sample_event(2, 2), sample_event(3)});
  EXPECT_EQ(sifted(store(), 1, {{1, 3}}), "1 3 and 1 unowed; ");
  EXPECT_EQ(packs(store()), "1 3 | ");
}

TEST_P(Owed, PendingRowsComeInOrderOfDueThenEvent) {
  commit_registry();
  std::vector<EventRef> events;
  for (std::uint64_t n = 1; n <= 6; ++n) events.push_back(sample_event(n));
  add_events(events);
  put_rows({sample_row(key(1, 1), DeliveryStatus::pending, at(30)),
            sample_row(key(2, 1), DeliveryStatus::pending, at(10)),
            sample_row(key(3, 1), DeliveryStatus::pending, at(20)),
            sample_row(key(4, 1), DeliveryStatus::pending, at(10)),
            sample_row(key(5, 1), DeliveryStatus::exhausted),
            sample_row(key(6, 2), DeliveryStatus::pending, at(5))});
  EXPECT_EQ(row_keys(store().load_pending(endpoint(1), Instant::min(), {}, 10)), "2 4 3 1 ");
  EXPECT_EQ(row_keys(store().load_pending(endpoint(1), Instant::min(), {}, 2)), "2 4 ");
  EXPECT_EQ(row_keys(store().load_pending(endpoint(1), at(10), seq(2), 2)), "4 3 ");
  EXPECT_EQ(row_keys(store().load_pending(endpoint(1), at(30), seq(1), 2)), "");
  EXPECT_EQ(text_of(store().load_pending(endpoint(2), Instant::min(), {}, 10)),
            text_of(std::vector{sample_row(key(6, 2), DeliveryStatus::pending, at(5))}));
}

TEST_P(Owed, PendingRowsAreGivenAsTheyAreAlsoAfterUnsubscribing) {
  commit_registry();
  add_events({sample_event(1)});
  put_rows({sample_row(key(1, 1), DeliveryStatus::pending, at(30))});
  close_subscription(1, 1, 2);
  EXPECT_EQ(row_keys(store().load_pending(endpoint(1), Instant::min(), {}, 10)), "1 ");
}

DeliveryRow asked(DeliveryRow row) {
  row.asked = row.manual = true;
  row.by_hand = 1;
  return row;
}

TEST_P(Owed, WhatWasAskedForByHandStandsInALineOfItsOwn) {
  commit_registry();
  add_events({sample_event(1), sample_event(2), sample_event(3), sample_event(4)});
  put_rows({sample_row(key(1, 1), DeliveryStatus::pending, at(10)),
            asked(sample_row(key(2, 1), DeliveryStatus::pending, at(30))),
            asked(sample_row(key(3, 1), DeliveryStatus::pending, at(20))),
            sample_row(key(4, 1), DeliveryStatus::pending, at(40))});
  EXPECT_EQ(row_keys(store().load_pending(endpoint(1), Instant::min(), {}, 10)), "1 4 ");
  EXPECT_EQ(row_keys(store().load_asked(endpoint(1), Instant::min(), {}, 10)), "3 2 ");
  EXPECT_EQ(row_keys(store().load_asked(endpoint(1), Instant::min(), {}, 1)), "3 ");
  EXPECT_EQ(row_keys(store().load_asked(endpoint(1), at(20), seq(3), 10)), "2 ");
  EXPECT_EQ(row_keys(store().load_asked(endpoint(2), Instant::min(), {}, 10)), "");
  const auto pending = store().load_start()->pending;
  ASSERT_EQ(pending.size(), 1u);
  EXPECT_EQ(pending[0].count, 4u);
  EXPECT_EQ(pending[0].asked, 2u);
  EXPECT_EQ(text_of(store().cancel({}, endpoint(1), 9, at(500))), "4");
  EXPECT_EQ(row_keys(store().load_asked(endpoint(1), Instant::min(), {}, 10)), "");
  EXPECT_EQ(find(key(2, 1))->by_hand, 1u) << "how often it was asked for stays";
}

TEST_P(Owed, TheLastHoldOfAnEndpointIsKept) {
  commit_registry();
  commit([](TurnRows& turn) {
    turn.put_hold({endpoint(2), at(50)});
    turn.put_hold({endpoint(1), at(40)});
    turn.put_hold({endpoint(2), at(60)});
  });
  reopen();
  const auto holds = store().load_start()->holds;
  ASSERT_EQ(holds.size(), 2u);
  EXPECT_EQ(holds[0].endpoint, endpoint(1));
  EXPECT_EQ(holds[1].until, at(60));
}

TEST_P(Owed, TheLastNoteOfFailingDaysIsKept) {
  commit_registry();
  commit([](TurnRows& turn) {
    turn.put_failing({endpoint(2), {3, Duration{5}}});
    turn.put_failing({endpoint(1), {1, Duration{7}}});
    turn.put_failing({endpoint(2), {0, Duration{15}}});
  });
  reopen();
  const auto failing = store().load_start()->failing;
  ASSERT_EQ(failing.size(), 2u);
  EXPECT_EQ(failing[0].endpoint, endpoint(1));
  EXPECT_EQ(failing[1].note, (FailingDaysNote{0, Duration{15}}));
}

TEST_P(Owed, AStartCountsPendingRowsPerEndpoint) {
  commit_registry();
  add_events({sample_event(1), sample_event(2), sample_event(3)});
  put_rows({sample_row(key(1, 1), DeliveryStatus::pending, at(30)),
            sample_row(key(2, 1), DeliveryStatus::pending, at(10)),
            sample_row(key(3, 1), DeliveryStatus::exhausted),
            sample_row(key(3, 2), DeliveryStatus::pending, at(7))});
  const auto pending = store().load_start()->pending;
  ASSERT_EQ(pending.size(), 2u);
  EXPECT_EQ(pending[0].endpoint, endpoint(1));
  EXPECT_EQ(pending[0].count, 2u);
  EXPECT_EQ(pending[0].first_due, at(10));
  EXPECT_EQ(pending[1].endpoint, endpoint(2));
}

TEST_P(Owed, CancellingTakesTheNextDueFirstAndOnlySoMany) {
  commit_registry();
  add_events({sample_event(1), sample_event(2), sample_event(3)});
  put_rows({sample_row(key(1, 1), DeliveryStatus::pending, at(30)),
            sample_row(key(2, 1), DeliveryStatus::pending, at(10)),
            sample_row(key(3, 1), DeliveryStatus::pending, at(20)),
            sample_row(key(1, 2), DeliveryStatus::pending, at(5))});
  EXPECT_EQ(text_of(store().cancel({}, endpoint(1), 2, at(500))), "2");
  EXPECT_EQ(row_keys(store().load_pending(endpoint(1), Instant::min(), {}, 10)), "1 ");
  const auto cancelled = *find(key(2, 1));
  EXPECT_EQ(cancelled.status, DeliveryStatus::cancelled);
  EXPECT_EQ(cancelled.due, std::nullopt);
  EXPECT_EQ(cancelled.updated_at, at(500));
  EXPECT_EQ(cancelled.cause, Cause::http);
  EXPECT_EQ(text_of(store().cancel({}, endpoint(1), 2, at(501))), "1");
  EXPECT_EQ(text_of(store().cancel({}, endpoint(1), 2, at(502))), "0");
  EXPECT_EQ(status_of(key(1, 2)), "pending");
}

TEST_P(Owed, CancellingGivesBackWhatHadSucceededBeforeItWasRetriedByHand) {
  commit_registry();
  add_events({sample_event(1), sample_event(2)});
  auto once = asked(sample_row(key(1, 1), DeliveryStatus::pending, at(10)));
  once.once = true;
  put_rows({once, asked(sample_row(key(2, 1), DeliveryStatus::pending, at(20)))});
  EXPECT_EQ(text_of(store().cancel({}, endpoint(1), 9, at(500))), "2");
  EXPECT_EQ(status_of(key(1, 1)), "succeeded");
  EXPECT_FALSE(find(key(1, 1))->once);
  EXPECT_EQ(status_of(key(2, 1)), "cancelled");
}

TEST_P(Owed, ARowIsReplacedWhole) {
  commit_registry();
  add_events({sample_event(1)});
  put_rows({sample_row(key(1, 1), DeliveryStatus::pending, at(30))});
  auto changed = sample_row(key(1, 1), DeliveryStatus::pending, at(99));
  changed.attempts = 3;
  changed.round_start = 2;
  changed.manual = changed.once = true;
  changed.cause = Cause::tls;
  changed.http_status = 0;
  changed.updated_at = at(98);
  changed.by_hand = 1000;
  changed.asked = changed.brought_forward = true;
  changed.resumes_at = at(150);
  changed.not_before = at(120);
  put_rows({changed});
  EXPECT_EQ(text_of(find(key(1, 1))), text_of(changed));
  EXPECT_EQ(row_keys(store().load_asked(endpoint(1), at(30), seq(1), 10)), "1 ");
}

TEST_P(Owed, TouchedDeliveriesAreThoseWithAnAttemptOrARow) {
  commit_registry();
  add_events({sample_event(1), sample_event(2), sample_event(3)});
  add_attempts({sample_attempt(key(1, 1), 1, 200), sample_attempt(key(2, 1), 1, 500),
                sample_attempt(key(2, 1), 2, 200)});
  put_rows(
      {sample_row(key(2, 1), DeliveryStatus::succeeded), sample_row(key(3, 2), DeliveryStatus::cancelled)});
  auto touched = *store().load_touched_after(seq(1));
  std::ranges::sort(touched);
  EXPECT_EQ(text_of(touched), text_of(std::vector{key(2, 1), key(3, 2)}));
}

EXPOSEE_FOR_EVERY_STORE(Owed);

}  // namespace
}  // namespace exposee::contract
