// The rules in the opening of ports/store.h: what is owed is derived, not written.
#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

using Derivation = StoreContract;

struct RuleCase {
  const char* name;
  // What there is of the one delivery.
  std::optional<int> attempt;  // a first attempt of this HTTP status
  std::optional<DeliveryRow> row;
  bool open = true;  // its interval still is
  const char* status;
};

DeliveryRow manual(DeliveryRow row) {
  row.manual = true;
  return row;
}

const RuleCase kRules[] = {
    {"ARowsStatusCounts", 500, sample_row(key(1, 1), DeliveryStatus::exhausted), true, "exhausted"},
    {"ARowStandsBeforeASucceededAttempt", 200, sample_row(key(1, 1), DeliveryStatus::cancelled), true,
     "cancelled"},
    {"APendingRowIsPending", 500, sample_row(key(1, 1), DeliveryStatus::pending), true, "pending"},
    {"ASucceededRowIsSucceeded", 200, sample_row(key(1, 1), DeliveryStatus::succeeded), true, "succeeded"},
    {"ARowsStatusCountsAfterUnsubscribing", 500, sample_row(key(1, 1), DeliveryStatus::exhausted), false,
     "exhausted"},
    {"APendingRowThatIsNoLongerCoveredIsCancelled", 500, sample_row(key(1, 1), DeliveryStatus::pending),
     false, "cancelled"},
    {"APendingRowByHandNeedsNoSubscription", 500, manual(sample_row(key(1, 1), DeliveryStatus::pending)),
     false, "pending"},
    {"ASucceededAttemptWithoutARow", 204, std::nullopt, true, "succeeded"},
    {"ASucceededAttemptStaysSoAfterUnsubscribing", 200, std::nullopt, false, "succeeded"},
    {"NothingYetAndAnOpenInterval", std::nullopt, std::nullopt, true, "pending"},
    {"NothingYetAndAClosedInterval", std::nullopt, std::nullopt, false, "cancelled"},
    {"AFailedAttemptWithoutARowIsStillOwed", 500, std::nullopt, true, "pending"},
    {"AFailedAttemptWithoutARowAndAClosedInterval", 500, std::nullopt, false, "cancelled"},
};

TEST_P(Derivation, EveryRule) {
  std::uint64_t n = 0, under = 1;
  commit_registry();
  for (const auto& rule : kRules) {
    SCOPED_TRACE(rule.name);
    ++n;
    const DeliveryKey of = key(n, 1);
    add_events({sample_event(n, 1, under)});
    if (rule.attempt) add_attempts({sample_attempt(of, 1, *rule.attempt)});
    if (rule.row) {
      auto row = *rule.row;
      row.key = of;
      put_rows({row});
    }
    if (!rule.open) {
      close_subscription(1, 1, under + 1);
      under += 2;
      commit([&](TurnRows& turn) {
        turn.put_subscription({pattern(1), endpoint(1), version(under), {}});
        turn.put_version(version(under));
      });
    }
    EXPECT_EQ(status_of(of), rule.status);
    for (const auto status : {DeliveryStatus::pending, DeliveryStatus::succeeded, DeliveryStatus::exhausted,
                              DeliveryStatus::cancelled}) {
      const auto listed = keys({.status = status, .event = of.event, .endpoint = of.endpoint});
      EXPECT_EQ(!listed.empty(), to_text(status) == rule.status) << to_text(status);
    }
  }
}

TEST_P(Derivation, WhoWasSubscribedAtThatMomentIsExact) {
  commit_registry();  // endpoints 1 and 2 from version 1 on
  add_events({sample_event(1, 1, 1)});
  close_subscription(1, 1, 2);
  add_events({sample_event(2, 1, 2)});
  commit([](TurnRows& turn) { turn.put_subscription({pattern(1), endpoint(3), version(3), {}}); });
  add_events({sample_event(3, 1, 3), sample_event(4, 2, 3)});
  EXPECT_EQ(keys({}), "3/3 3/2 2/2 1/2 1/1");
  EXPECT_EQ(status_of(key(1, 1)), "cancelled");
  EXPECT_EQ(status_of(key(2, 1)), "never owed");
  EXPECT_EQ(status_of(key(2, 3)), "never owed");
  EXPECT_EQ(status_of(key(4, 1)), "never owed");
  EXPECT_EQ(status_of(key(9, 1)), "never owed");
}

TEST_P(Derivation, AnIntervalOpenedAgainDoesNotBringBackWhatTheFirstOneOwed) {
  commit_registry();
  add_events({sample_event(1, 1, 1)});
  close_subscription(1, 1, 2);
  commit([](TurnRows& turn) { turn.put_subscription({pattern(1), endpoint(1), version(3), {}}); });
  add_events({sample_event(2, 1, 3)});
  EXPECT_EQ(status_of(key(1, 1)), "cancelled");
  EXPECT_EQ(status_of(key(2, 1)), "pending");
}

TEST_P(Derivation, WhatIsDerivedSaysWhatIsKnownOfTheAttempts) {
  commit_registry();
  add_events({sample_event(1)});
  add_attempts({sample_attempt(key(1, 1), 1, 204)});
  const auto attempt = sample_attempt(key(1, 1), 1, 204);
  DeliveryRow row;
  row.key = key(1, 1);
  row.status = DeliveryStatus::succeeded;
  row.attempts = 1;
  row.http_status = 204;
  row.updated_at = attempt.response.started_at + attempt.response.timing.total;
  EXPECT_EQ(text_of(find(key(1, 1))), text_of(row));
  EXPECT_EQ(reader().delivery(key(1, 1))->last_attempt_at, attempt.response.started_at);
}

TEST_P(Derivation, WhatWasNeverAttemptedIsDueSinceItWasAccepted) {
  commit_registry();
  add_events({sample_event(1)});
  DeliveryRow row;
  row.key = key(1, 2);
  row.status = DeliveryStatus::pending;
  row.due = row.updated_at = at(1000);
  EXPECT_EQ(text_of(find(key(1, 2))), text_of(row));
  EXPECT_EQ(reader().delivery(key(1, 2))->last_attempt_at, std::nullopt);
}

TEST_P(Derivation, APendingRowThatCountsAsCancelledIsDueNoMore) {
  commit_registry();
  add_events({sample_event(1)});
  put_rows({sample_row(key(1, 1), DeliveryStatus::pending, at(9))});
  close_subscription(1, 1, 2);
  auto expected = sample_row(key(1, 1), DeliveryStatus::pending);
  expected.status = DeliveryStatus::cancelled;
  expected.due.reset();
  EXPECT_EQ(text_of(find(key(1, 1))), text_of(expected));
}

EXPOSEE_FOR_EVERY_STORE(Derivation);

}  // namespace
}  // namespace exposee::contract
