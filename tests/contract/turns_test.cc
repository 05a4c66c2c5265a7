#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

using Turns = StoreContract;

TEST_P(Turns, ANewStoreIsEmpty) {
  EXPECT_EQ(text_of(store().load_start()), text_of(StartState{}));
  EXPECT_EQ(text_of(reader().count_events()), "0");
  EXPECT_EQ(text_of(all_users(reader())), "[]");
  EXPECT_EQ(keys({}), "");
}

// What keeps any turn from being written.
void forbid(TurnRows& turn) {
  turn.set_fence(version(77));
}

void fill_with_everything(TurnRows& turn) {
  turn.add_events({sample_event(3)});
  turn.add_attempts({sample_attempt(key(1, 1), 1, 200)});
  turn.put_deliveries({sample_row(key(2, 1), DeliveryStatus::pending)});
  turn.put_checkpoint(seq(2), {{endpoint(1), seq(1)}});
  turn.put_hold({endpoint(2), at(50)});
  turn.put_event_type(sample_type(9));
  turn.put_endpoint(sample_endpoint(9));
  turn.put_subscription({pattern(1), endpoint(1), version(1), version(2)});
  turn.put_version(version(2));
  turn.add_user({"alice", at(1)});
  turn.add_message({"a", "b", "b", "s", "m", at(1)});
  turn.claim("key", {"print", 200, "text/plain", "body"});
  turn.set_marker({1, 5});
}

TEST_P(Turns, AreSeenByTheWriterAndByReadersOnceTheyAreCommitted) {
  commit_registry();
  const std::vector events{sample_event(1)};
  add_events(events);
  EXPECT_EQ(text_of(store().load_events_after({}, 10)), text_of(events));
  EXPECT_EQ(text_of(reader().count_events()), "1");
}

TEST_P(Turns, AreWrittenWholeInOneCall) {
  commit_registry();
  add_events({sample_event(1), sample_event(2)});
  commit(fill_with_everything);
  const auto state = store().load_start();
  EXPECT_EQ(state->last_event, seq(3));
  EXPECT_EQ(state->version, version(2));
  EXPECT_EQ(state->last_turn, (TurnMarker{1, 5}));
  EXPECT_EQ(state->types.size(), 4u);
  EXPECT_EQ(state->endpoints.size(), 4u);
  EXPECT_EQ(state->subscriptions.size(), 1u);
  EXPECT_EQ(state->checkpoint(endpoint(1)), seq(2));
  EXPECT_EQ(state->marks.size(), 1u);
  EXPECT_EQ(state->holds.size(), 1u);
  EXPECT_EQ(status_of(key(1, 1)), "succeeded");
  EXPECT_TRUE(has_user("alice"));
  EXPECT_TRUE(find_reply("key"));
  EXPECT_EQ(all_messages(reader(), "b").size(), 1u);
}

TEST_P(Turns, ThatAreRefusedWriteNothing) {
  commit_registry();
  add_events({sample_event(1), sample_event(2)});
  const auto before = text_of(store().load_start());
  const auto written = write([](TurnRows& turn) {
    fill_with_everything(turn);
    forbid(turn);
  });
  EXPECT_EQ(written.end, WriteEnd::refused);
  EXPECT_EQ(written.conflict, Conflict::stale_registry);
  EXPECT_EQ(text_of(store().load_start()), before);
  EXPECT_EQ(text_of(store().load_touched_after({})), "[]");
  EXPECT_FALSE(has_user("alice"));
  EXPECT_FALSE(find_reply("key"));
  EXPECT_FALSE(*store().settled({1, 5}));
  EXPECT_EQ(text_of(all_messages(reader(), "b")), "[]");
}

TEST_P(Turns, ThatFailWriteNothingAndCanBeWrittenAgain) {
  commit_registry();
  add_events({sample_event(1)});
  const auto failed = write([](TurnRows& turn) {
    turn.add_user({"alice", at(1)});
    turn.add_events({sample_event(1), sample_event(2)});
  });
  EXPECT_EQ(failed.end, WriteEnd::failed);
  EXPECT_EQ(failed.error.code, ErrorCode::internal) << "an event is never written twice";
  EXPECT_FALSE(has_user("alice"));
  add_events({sample_event(2)});
  EXPECT_EQ(text_of(store().load_events_after({}, 10)),
            text_of(std::vector{sample_event(1), sample_event(2)}));
}

TEST_P(Turns, AreRefusedWhenTheRegistryIsAnother) {
  commit_registry();
  const auto with = [&](std::uint64_t expected, std::uint64_t next) {
    return write([&](TurnRows& turn) {
      turn.set_fence(version(expected));
      turn.put_version(version(next));
    });
  };
  EXPECT_EQ(with(0, 1).conflict, Conflict::stale_registry);
  EXPECT_EQ(with(1, 2).end, WriteEnd::committed);
  EXPECT_EQ(with(1, 2).conflict, Conflict::stale_registry);
  reopen();
  EXPECT_EQ(with(1, 2).conflict, Conflict::stale_registry);
  EXPECT_EQ(with(2, 3).end, WriteEnd::committed);
}

TEST_P(Turns, AreRefusedWhenAKeyOrANameIsTaken) {
  const auto claim = [](TurnRows& turn) { turn.claim("key", {"print", 200, "", "first"}); };
  const auto add_user = [](TurnRows& turn) { turn.add_user({"alice", at(1)}); };
  commit(claim);
  commit(add_user);
  EXPECT_EQ(write(claim).conflict, Conflict::taken_key);
  EXPECT_EQ(write(add_user).conflict, Conflict::taken_document);
  const auto twice = write([](TurnRows& turn) {
    turn.claim("new", {"print", 200, "", "first"});
    turn.claim("new", {"print", 200, "", "second"});
  });
  EXPECT_EQ(twice.conflict, Conflict::taken_key);
  EXPECT_FALSE(find_reply("new"));
}

TEST_P(Turns, AreFoundByTheirMarker) {
  EXPECT_FALSE(*store().settled({1, 1}));
  const auto write_marked = [&](std::uint64_t n, bool allowed) {
    return write([&](TurnRows& turn) {
      turn.set_marker({1, n});
      turn.put_hold({endpoint(1), at(static_cast<std::int64_t>(n))});
      if (!allowed) forbid(turn);
    });
  };
  must(write_marked(1, true));
  EXPECT_TRUE(*store().settled({1, 1}));
  EXPECT_FALSE(*store().settled({1, 2}));
  EXPECT_FALSE(*store().settled({2, 1})) << "another node's";
  EXPECT_EQ(write_marked(2, false).end, WriteEnd::refused);
  EXPECT_FALSE(*store().settled({1, 2}));
  must(write_marked(3, true));
  reopen();
  EXPECT_TRUE(*store().settled({1, 3}));
  EXPECT_EQ(store().load_start()->last_turn, (TurnMarker{1, 3}));
}

TEST_P(Turns, ThatNeedNotBeOnDiskYetAreSeenByAllAndSurviveTheEndOfTheProcess) {
  commit_registry();
  commit([](TurnRows& turn) {
    turn.set_durability(Durability::with_next);
    turn.add_events({sample_event(1)});
  });
  EXPECT_EQ(text_of(reader().count_events()), "1");
  reopen();
  EXPECT_EQ(text_of(reader().count_events()), "1");
}

TEST_P(Turns, WhatIsCommittedIsThereAfterACrash) {
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

TEST_P(Turns, AnAttemptThatWasWrittenBeforeHoldsNobodyUp) {
  commit_registry();
  add_events({sample_event(1)});
  add_attempts({sample_attempt(key(1, 1), 1, 500)});
  add_attempts({sample_attempt(key(1, 1), 1, 503), sample_attempt(key(1, 1), 65'536, 504)});
  const auto attempts = reader().attempts(key(1, 1));
  ASSERT_EQ(attempts->size(), 2u);
  EXPECT_EQ(attempts->front().response.status, 500) << "the first stays";
  EXPECT_EQ(attempts->back().number, 65'536u);
}

TEST_P(Turns, ATurnOfThousandsOfRowsIsWrittenWhole) {
  commit_registry();
  std::vector<EventRef> events;
  std::vector<AttemptRow> attempts;
  std::vector<DeliveryRow> rows;
  for (std::uint64_t n = 1; n <= 2'345; ++n) {
    events.push_back(sample_event(n));
    attempts.push_back(sample_attempt(key(2'346 - n, 1), 1, 200));
    rows.push_back(sample_row(key(2'346 - n, 2), DeliveryStatus::exhausted));
  }
  commit([&](TurnRows& turn) {
    turn.add_events(events);
    turn.add_attempts(attempts);
    turn.put_deliveries(rows);
  });
  EXPECT_EQ(text_of(store().load_events_after({}, 10'000)), text_of(events));
  EXPECT_EQ(store().load_touched_after({})->size(), 2u * 2'345);
  EXPECT_EQ(list({.status = DeliveryStatus::succeeded, .limit = 200}).size(), 2'345u);
}

EXPOSEE_FOR_EVERY_STORE(Turns);

}  // namespace
}  // namespace exposee::contract
