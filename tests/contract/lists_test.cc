#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

// Twelve events of types 1 and 2; endpoints 1 and 2 take type 1, endpoint 3 takes type 2 from version 2 on.
class Lists : public StoreContract {
 protected:
  void SetUp() override {
    commit_registry();
    commit([](TurnRows& turn) {
      turn.put_subscription({pattern(2), endpoint(3), version(2), {}});
      turn.put_version(version(2));
    });
    std::vector<EventRef> events;
    for (std::uint64_t n = 1; n <= 12; ++n) events.push_back(sample_event(n, 1 + n % 2, n < 5 ? 1 : 2));
    add_events(events);
    add_attempts({sample_attempt(key(2, 1), 1, 200), sample_attempt(key(2, 2), 1, 500),
                  sample_attempt(key(4, 1), 1, 200), sample_attempt(key(4, 2), 1, 0),
                  sample_attempt(key(5, 3), 1, 500), sample_attempt(key(5, 3), 2, 200)});
    auto timed_out = sample_row(key(4, 2), DeliveryStatus::pending, at(50'000));
    timed_out.cause = Cause::timeout;
    timed_out.http_status = 0;
    put_rows({sample_row(key(2, 2), DeliveryStatus::exhausted), timed_out,
              sample_row(key(5, 3), DeliveryStatus::succeeded)});
  }
};

struct ListCase {
  const char* name;
  DeliveryFilter filter;
  const char* keys;
};

const ListCase kLists[] = {
    {"Everything", {}, "12/2 12/1 11/3 10/2 10/1 9/3 8/2 8/1 7/3 6/2 6/1 5/3 4/2 4/1 2/2 2/1"},
    {"OneEndpoint", {.endpoint = endpoint(3)}, "11/3 9/3 7/3 5/3"},
    {"OneType", {.type = type(2)}, "11/3 9/3 7/3 5/3"},
    {"OneEvent", {.event = seq(4)}, "4/2 4/1"},
    {"AnEventThatIsNotThere", {.event = seq(40)}, ""},
    {"AnEventOwedToNobody", {.event = seq(3)}, ""},
    {"Succeeded", {.status = DeliveryStatus::succeeded}, "5/3 4/1 2/1"},
    {"Exhausted", {.status = DeliveryStatus::exhausted}, "2/2"},
    {"Pending", {.status = DeliveryStatus::pending}, "12/2 12/1 11/3 10/2 10/1 9/3 8/2 8/1 7/3 6/2 6/1 4/2"},
    {"Cancelled", {.status = DeliveryStatus::cancelled}, ""},
    {"InFlightIsNeverStored", {.status = DeliveryStatus::in_flight}, ""},
    {"OneCause", {.cause = Cause::timeout}, "4/2"},
    {"ACauseAndAStatus", {.status = DeliveryStatus::pending, .cause = Cause::http}, ""},
    {"ACauseOfTheExhausted", {.status = DeliveryStatus::exhausted, .cause = Cause::http}, "2/2"},
    {"WithoutACause", {.status = DeliveryStatus::succeeded, .cause = Cause::none}, "5/3 4/1 2/1"},
    {"Since", {.since = at(10'000)}, "12/2 12/1 11/3 10/2 10/1"},
    {"Until", {.until = at(5'000)}, "4/2 4/1 2/2 2/1"},
    {"SinceAndUntil", {.since = at(5'000), .until = at(8'000)}, "7/3 6/2 6/1 5/3"},
    {"AnEmptySpan", {.since = at(8'000), .until = at(5'000)}, ""},
    {"BeforeEverything", {.until = at(0)}, ""},
    {"AfterEverything", {.since = at(99'000)}, ""},
    {"AfterACursor", {.before = key(5, 3)}, "4/2 4/1 2/2 2/1"},
    {"AfterACursorWithinAnEvent", {.before = key(4, 2)}, "4/1 2/2 2/1"},
    {"AStatusOfOneEndpoint",
     {.status = DeliveryStatus::pending, .endpoint = endpoint(2)},
     "12/2 10/2 8/2 6/2 4/2"},
    {"AStatusOfOneType", {.status = DeliveryStatus::succeeded, .type = type(2)}, "5/3"},
    {"AStatusSince", {.status = DeliveryStatus::pending, .since = at(11'000)}, "12/2 12/1 11/3"},
};

TEST_P(Lists, EveryFilterInOnePageAndInPagesOfOne) {
  for (const auto& row : kLists) {
    SCOPED_TRACE(row.name);
    auto filter = row.filter;
    for (const std::uint32_t limit : {200u, 3u, 1u}) {
      filter.limit = limit;
      EXPECT_EQ(keys(filter), row.keys) << "pages of " << limit;
    }
  }
}

// Below it every delivery is final or has a row, and lists may rely on it.
TEST_P(Lists, ALowWaterChangesNoReply) {
  put_rows(
      {sample_row(key(6, 1), DeliveryStatus::cancelled), sample_row(key(6, 2), DeliveryStatus::exhausted)});
  add_attempts({sample_attempt(key(7, 3), 1, 200)});
  const DeliveryFilter pending{.status = DeliveryStatus::pending, .limit = 2};
  const auto before = keys(pending);
  EXPECT_EQ(before, "12/2 12/1 11/3 10/2 10/1 9/3 8/2 8/1 4/2");
  put_checkpoint(7);
  EXPECT_EQ(keys(pending), before);
}

TEST_P(Lists, UnsubscribingCancelsWhatIsNotFinal) {
  close_subscription(1, 2, 3);
  commit([](TurnRows& turn) {
    turn.put_subscription({pattern(1), endpoint(2), version(4), {}});
    turn.put_version(version(4));
  });
  add_events({sample_event(13, 1, 4), sample_event(14, 1, 4)});
  put_rows({sample_row(key(13, 2), DeliveryStatus::cancelled)});
  for (const std::uint32_t limit : {200u, 2u, 1u}) {
    const DeliveryFilter cancelled{.status = DeliveryStatus::cancelled, .limit = limit};
    EXPECT_EQ(keys(cancelled), "13/2 12/2 10/2 8/2 6/2 4/2");
    EXPECT_EQ(keys({.status = DeliveryStatus::pending, .limit = limit}),
              "14/2 14/1 13/1 12/1 11/3 10/1 9/3 8/1 7/3 6/1");
  }
  EXPECT_EQ(keys({.status = DeliveryStatus::cancelled, .endpoint = endpoint(1)}), "");
  EXPECT_EQ(keys({.status = DeliveryStatus::cancelled, .type = type(2)}), "");
}

// What lies below every mark and has no row is found through the packs, whatever they name beside it.
TEST_P(Lists, WhatIsPendingStandsInPacksBelowTheMarks) {
  const auto pending = keys({.status = DeliveryStatus::pending});
  const auto of_two = keys({.status = DeliveryStatus::pending, .endpoint = endpoint(2)});
  const auto some = keys({.status = DeliveryStatus::pending, .since = at(3'000), .until = at(11'000)});
  for (std::uint64_t n = 1; n <= 3; ++n) {
    put_pack(n, {1, 2, 3, 4, 5, 6});
    put_pack(n, {7, 8, 9, 10, 11, 12});
  }
  put_checkpoint(12);
  for (const std::uint32_t limit : {200u, 3u, 1u}) {
    EXPECT_EQ(keys({.status = DeliveryStatus::pending, .limit = limit}), pending);
    EXPECT_EQ(keys({.status = DeliveryStatus::pending, .endpoint = endpoint(2), .limit = limit}), of_two);
    EXPECT_EQ(keys({.status = DeliveryStatus::pending, .since = at(3'000), .until = at(11'000), .limit = limit}),
              some);
  }
}

TEST_P(Lists, ARowOfAnEndpointThatWasNotSubscribedIsListedToo) {
  auto by_hand = sample_row(key(3, 1), DeliveryStatus::pending, at(9));
  by_hand.manual = true;
  put_rows({by_hand});
  EXPECT_EQ(keys({.event = seq(3)}), "3/1");
  EXPECT_EQ(keys({.status = DeliveryStatus::pending, .until = at(5'000)}), "4/2 3/1");
}

TEST_P(Lists, AViewSaysWhatItsEventIs) {
  const auto event = sample_event(5, 2, 2);
  const auto views = list({.event = seq(5)});
  ASSERT_EQ(views.size(), 1u);
  EXPECT_EQ(views[0].event_id, event->id);
  EXPECT_EQ(views[0].type, type(2));
  EXPECT_EQ(views[0].created_at, event->accepted_at);
  EXPECT_EQ(views[0].last_attempt_at, sample_attempt(key(5, 3), 2, 200).response.started_at);
  EXPECT_EQ(text_of(views[0]), text_of(reader().delivery(key(5, 3))));
}

TEST_P(Lists, APageSaysWhetherMoreFollow) {
  const auto whole = reader().deliveries({.limit = 200});
  EXPECT_EQ(whole->deliveries.size(), 16u);
  EXPECT_EQ(whole->next, std::nullopt);
  EXPECT_EQ(reader().deliveries({.limit = 16})->next, std::nullopt);
  EXPECT_EQ(reader().deliveries({.limit = 15})->next, key(2, 2));
}

// "12:2 11:1": events, newest first, and to how many endpoints each was owed.
std::string events_text(Reader& reader, EventFilter filter) {
  std::string text;
  while (true) {
    const auto page = reader.events(filter).value();
    for (const auto& event : page.events) {
      text += (text.empty() ? "" : " ") + std::to_string(event.seq.value - first_seq(1).value + 1) + ":" +
              std::to_string(event.deliveries);
    }
    if (!page.next) return text;
    filter.before = page.next;
  }
}

TEST_P(Lists, EventsAreListedWithWhatTheyOwed) {
  const struct {
    EventFilter filter;
    const char* events;
  } rows[] = {{{}, "12:2 11:1 10:2 9:1 8:2 7:1 6:2 5:1 4:2 3:0 2:2 1:0"},
              {{.type = type(2)}, "11:1 9:1 7:1 5:1 3:0 1:0"},
              {{.type = type(3)}, ""},
              {{.since = at(5'000), .until = at(8'000)}, "7:1 6:2 5:1"},
              {{.type = type(1), .until = at(5'000)}, "4:2 2:2"},
              {{.before = seq(3)}, "2:2 1:0"}};
  for (const auto& row : rows) {
    for (const std::uint32_t limit : {200u, 5u, 1u}) {
      auto filter = row.filter;
      filter.limit = limit;
      EXPECT_EQ(events_text(reader(), filter), row.events) << "pages of " << limit;
    }
  }
}

EXPOSEE_FOR_EVERY_STORE(Lists);

}  // namespace
}  // namespace exposee::contract
