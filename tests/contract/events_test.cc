#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

using Events = StoreContract;

TEST_P(Events, AnEventIsFoundByNumberAndById) {
  commit_registry();
  const auto event = sample_event(2, 3, 7);
  add_events({sample_event(1), event, sample_event(3)});
  EXPECT_EQ(text_of(reader().event(event->seq)), text_of(event));
  EXPECT_EQ(text_of(reader().event(event->id)), text_of(event));
  EXPECT_EQ(reader().event(seq(4)).error().code, ErrorCode::not_found);
  EXPECT_EQ(reader().event(sample_event(4)->id).error().code, ErrorCode::not_found);
}

TEST_P(Events, ManyEventsOfOneMillisecondAreToldApartById) {
  commit_registry();
  std::vector<EventRef> events;
  for (std::uint64_t n = 1; n <= 500; ++n) {
    events.push_back(sample_event_at(n, at(static_cast<std::int64_t>(5000 + n / 100))));
  }
  add_events(events);
  for (const std::size_t i : {0u, 1u, 99u, 250u, 499u}) {
    EXPECT_EQ(text_of(reader().event(events[i]->id)), text_of(events[i]));
  }
  EXPECT_EQ(reader().event(sample_event_at(501, at(5000))->id).error().code, ErrorCode::not_found);
}

TEST_P(Events, AClockThatIsSetBackLosesNothing) {
  commit_registry();
  const std::vector events{sample_event_at(1, at(9'000'000)),  sample_event_at(2, at(10'000'000)),
                           sample_event_at(3, at(1'000'000)),  sample_event_at(4, at(2'000'000)),
                           sample_event_at(5, at(11'000'000)), sample_event_at(6, at(3'000'000))};
  add_events({events[0], events[1]});
  add_events({events[2]});
  reopen();
  add_events({events[3], events[4]});
  reopen();
  add_events({events[5]});
  for (const auto& event : events) EXPECT_EQ(text_of(reader().event(event->id)), text_of(event));
  EXPECT_EQ(keys({.endpoint = endpoint(1), .since = at(2'000'000), .until = at(9'500'000)}), "6/1 4/1 1/1");
  EXPECT_EQ(keys({.endpoint = endpoint(1), .since = at(10'000'000)}), "5/1 2/1");
  EXPECT_EQ(keys({.endpoint = endpoint(1), .until = at(2'000'000)}), "3/1");
}

TEST_P(Events, AClockThatWasSetBackInATurnThatFailedIsNoticedAgain) {
  commit_registry();
  const auto first = sample_event_at(1, at(10'000'000)), second = sample_event_at(2, at(5'000'000));
  add_events({first});
  const auto refused = write([](TurnRows& turn) {
    turn.add_events({sample_event_at(2, at(1'000'000)), sample_event(1)});
  });
  ASSERT_EQ(refused.end, WriteEnd::failed);
  add_events({second});
  EXPECT_EQ(text_of(reader().event(first->id)), text_of(first));
  EXPECT_EQ(text_of(reader().event(second->id)), text_of(second));
}

TEST_P(Events, BodiesAreKeptByteForByte) {
  commit_registry();
  auto event = *sample_event(1);
  event.body = std::string("\0{\"n\":1.50e+3,\"\xF0\x9F\x90\x9D\":\"\\u00e9\"}\n", 32);
  add_events({std::make_shared<const Event>(event)});
  EXPECT_EQ(reader().event(event.seq).value()->body, event.body);
}

TEST_P(Events, AnAttemptComesBackAsItWasAdded) {
  commit_registry();
  add_events({sample_event(1)});
  auto full = sample_attempt(key(1, 1), 2, 503);
  full.response.cause = Cause::none;
  full.response.reason = "Service Unavailable";
  full.response.retry_after = "Wed, 21 Oct 2026 07:28:00 GMT";
  full.response.content_type = "text/html; charset=\xFFlatin";  // receivers may send any byte
  full.response.body.assign("a\0b\xFF", 4);
  full.response.body.append(16'000, 'x');
  full.response.reused = true;
  full.response.timing = {Duration{1}, Duration{22}, Duration{333}, Duration{4444}, Duration{55555}};
  const std::vector attempts{sample_attempt(key(1, 1), 1, 0), full, sample_attempt(key(1, 1), 3, 200)};
  add_attempts({attempts[2], attempts[0]});
  add_attempts({attempts[1], sample_attempt(key(1, 2), 1, 200)});
  EXPECT_EQ(text_of(reader().attempts(key(1, 1))), text_of(attempts));
  EXPECT_EQ(text_of(reader().attempts(key(1, 3))), "[]");

  EXPECT_EQ(text_of(reader().attempts(key(1, 1), kAllAttempts, 2)), text_of(std::vector{full, attempts[2]}));
  EXPECT_EQ(text_of(reader().attempts(key(1, 1), 3, 1)), text_of(std::vector{full}));
  EXPECT_EQ(text_of(reader().attempts(key(1, 1), 1)), "[]");
  EXPECT_EQ(reader().attempts(key(1, 2), 2, 5)->size(), 1u) << "a first success";
  EXPECT_EQ(reader().attempts(key(1, 2), 1, 5)->size(), 0u);
}

TEST_P(Events, TheWordsOfTheLastFailureAreKnown) {
  commit_registry();
  add_events({sample_event(1)});
  auto failed = sample_attempt(key(1, 1), 2, 0);
  failed.response.detail = "Connection refused";
  add_attempts({sample_attempt(key(1, 1), 1, 500), failed, sample_attempt(key(1, 1), 3, 200)});
  EXPECT_EQ(reader().last_failure(key(1, 1)).value(), "Connection refused");
  EXPECT_EQ(reader().last_failure(key(1, 2)).value(), "");
}

TEST_P(Events, EventsAreLoadedByNumberAndInOrder) {
  commit_registry();
  std::vector<EventRef> events;
  for (std::uint64_t n = 1; n <= 9; ++n) events.push_back(sample_event(n, 1 + n % 3));
  add_events(events);
  const auto some = store().load_events(std::vector{seq(9), seq(2), seq(77)}, SIZE_MAX);
  ASSERT_EQ(some->events.size(), 2u);
  EXPECT_EQ(some->events[0]->seq.value + some->events[1]->seq.value, seq(9).value + seq(2).value);
  EXPECT_EQ(some->looked_at, 3u);
  EXPECT_EQ(text_of(store().load_events_after(seq(3), 2)), text_of(std::vector{events[3], events[4]}));
  EXPECT_EQ(text_of(store().load_events_after(seq(9), 2)), "[]");
}

TEST_P(Events, AreLoadedUpToTheOneThatMakesTheBytes) {
  commit_registry();
  add_events({sample_event(1), sample_event(2), sample_event(3)});
  const auto body = sample_event(2)->body.size();
  const std::vector wanted{seq(77), seq(3), seq(2), seq(1)};
  const struct {
    std::size_t max_bytes, events, looked_at;
  } rows[] = {{0, 1, 2}, {1, 1, 2}, {body, 1, 2}, {body + 1, 2, 3}, {100 * body, 3, 4}};
  for (const auto& row : rows) {
    const auto read = store().load_events(wanted, row.max_bytes);
    EXPECT_EQ(read->events.size(), row.events) << row.max_bytes;
    EXPECT_EQ(read->looked_at, row.looked_at) << row.max_bytes;
  }
}

TEST_P(Events, TheLastNumberIsKnownAtAStart) {
  commit_registry();
  add_events({sample_event(1), sample_event(6)});
  EXPECT_EQ(store().load_start()->last_event, seq(6));
  reopen();
  EXPECT_EQ(store().load_start()->last_event, seq(6));
}

EXPOSEE_FOR_EVERY_STORE(Events);

}  // namespace
}  // namespace exposee::contract
