#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

using Transactions = StoreContract;

TEST_P(Transactions, ANewStoreIsEmpty) {
  EXPECT_EQ(text_of(store().load_start()), text_of(StartState{}));
  EXPECT_EQ(text_of(reader().count_events()), "0");
  EXPECT_EQ(text_of(all_users(reader())), "[]");
  EXPECT_EQ(keys({}), "");
}

TEST_P(Transactions, TheWriterSeesItsOwnWorkAndReadersOnlyWhatIsCommitted) {
  commit_registry();
  must(store().begin(Durability::at_commit));
  const std::vector events{sample_event(1)};
  must(store().add_events(events));
  EXPECT_EQ(text_of(store().load_events_after({}, 10)), text_of(events));
  EXPECT_EQ(text_of(reader().count_events()), "0");
  must(store().commit());
  EXPECT_EQ(text_of(reader().count_events()), "1");
}

TEST_P(Transactions, ARollbackUndoesEverything) {
  commit_registry();
  add_events({sample_event(1), sample_event(2)});
  const auto before = text_of(store().load_start());
  must(store().begin(Durability::at_commit));
  must(store().add_events(std::vector{sample_event(3)}));
  must(store().add_attempts(std::vector{sample_attempt(key(1, 1), 1, 200)}));
  must(store().put_deliveries(std::vector{sample_row(key(2, 1), DeliveryStatus::pending)}));
  must(store().put_checkpoint(seq(2), std::vector{LaneMark{endpoint(1), seq(1)}}));
  must(store().put_event_type(sample_type(9)));
  must(store().put_endpoint(sample_endpoint(9)));
  must(store().close_subscription(type(1), endpoint(1), version(2)));
  must(store().put_version(version(2)));
  must(store().add_user({"alice", at(1)}));
  must(store().add_message({"a", "b", "b", "s", "m", at(1)}));
  must(store().put_reply("key", {"print", 200, "text/plain", "body"}, at(1)));
  store().rollback();
  EXPECT_EQ(text_of(store().load_start()), before);
  EXPECT_EQ(text_of(store().load_touched_after({})), "[]");
  EXPECT_EQ(text_of(store().user_exists("alice")), "false");
  EXPECT_EQ(text_of(store().find_reply("key")), "nothing");
  EXPECT_EQ(text_of(all_messages(reader(), "b")), "[]");
}

TEST_P(Transactions, AfterARollbackTheSameTurnCanBeWrittenAgain) {
  commit_registry();
  const std::vector events{sample_event(1), sample_event(2)};
  must(store().begin(Durability::at_commit));
  must(store().add_events(events));
  store().rollback();
  add_events(events);
  EXPECT_EQ(text_of(store().load_events_after({}, 10)), text_of(events));
}

TEST_P(Transactions, WhatNeedNotBeOnDiskYetIsSeenByAllAndSurvivesTheEndOfTheProcess) {
  commit_registry();
  must(store().begin(Durability::with_next));
  must(store().add_events(std::vector{sample_event(1)}));
  must(store().commit());
  EXPECT_EQ(text_of(reader().count_events()), "1");
  reopen();
  EXPECT_EQ(text_of(reader().count_events()), "1");
}

TEST_P(Transactions, WhatWasNotCommittedIsGoneAfterACrash) {
  commit_registry();
  add_events({sample_event(1)});
  must(store().begin(Durability::at_commit));
  must(store().add_events(std::vector{sample_event(2)}));
  must(store().add_user({"alice", at(1)}));
  reopen();
  EXPECT_EQ(text_of(store().load_events_after({}, 10)), text_of(std::vector{sample_event(1)}));
  EXPECT_EQ(text_of(store().user_exists("alice")), "false");
  add_events({sample_event(2)});
  EXPECT_EQ(text_of(reader().count_events()), "2");
}

TEST_P(Transactions, WhatIsCommittedIsThereAfterACrash) {
  commit_registry();
  add_events({sample_event(1), sample_event(2)});
  add_attempts({sample_attempt(key(1, 1), 1, 200)});
  put_rows({sample_row(key(2, 1), DeliveryStatus::pending)});
  const auto state = text_of(store().load_start());
  const auto listed = text_of(list({}));
  reopen();
  EXPECT_EQ(text_of(store().load_start()), state);
  EXPECT_EQ(text_of(list({})), listed);
}

TEST_P(Transactions, ARollbackWithoutATransactionIsHarmless) {
  store().rollback();
  commit_registry();
  EXPECT_EQ(store().load_start()->types.size(), 3u);
}

TEST_P(Transactions, AnEventIsNeverWrittenTwiceAndAnAttemptThatWasHoldsNobodyUp) {
  commit_registry();
  add_events({sample_event(1)});
  add_attempts({sample_attempt(key(1, 1), 1, 500)});
  must(store().begin(Durability::at_commit));
  EXPECT_EQ(text_of(store().add_events(std::vector{sample_event(1)}).error()),
            text_of(Error{ErrorCode::internal}));
  store().rollback();
  must(store().begin(Durability::at_commit));
  must(store().add_attempts(
      std::vector{sample_attempt(key(1, 1), 1, 503), sample_attempt(key(1, 1), 65'536, 504)}));
  must(store().commit());
  const auto attempts = reader().attempts(key(1, 1));
  ASSERT_EQ(attempts->size(), 2u);
  EXPECT_EQ(attempts->front().response.status, 500) << "the first stays";
  EXPECT_EQ(attempts->back().number, 65'536u);
}

TEST_P(Transactions, ATurnOfThousandsOfRowsIsWrittenWhole) {
  commit_registry();
  std::vector<EventRef> events;
  std::vector<AttemptRow> attempts;
  std::vector<DeliveryRow> rows;
  for (std::uint64_t n = 1; n <= 2'345; ++n) {
    events.push_back(sample_event(n));
    attempts.push_back(sample_attempt(key(2'346 - n, 1), 1, 200));
    rows.push_back(sample_row(key(2'346 - n, 2), DeliveryStatus::exhausted));
  }
  commit([&](Store& store) {
    must(store.add_events(events));
    must(store.add_attempts(attempts));
    must(store.put_deliveries(rows));
  });
  EXPECT_EQ(text_of(store().load_events_after({}, 10'000)), text_of(events));
  EXPECT_EQ(store().load_touched_after({})->size(), 2u * 2'345);
  EXPECT_EQ(list({.status = DeliveryStatus::succeeded, .limit = 200}).size(), 2'345u);
}

EXPOSEE_FOR_EVERY_STORE(Transactions);

}  // namespace
}  // namespace exposee::contract
