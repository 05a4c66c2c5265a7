#include "engine/outcome.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

const Instant kNow = from_micros(1'700'000'000'000'000);

Flight first_flight() {
  auto event = std::make_shared<Event>();
  event->seq = EventSeq{5};
  return {.event = event, .endpoint = EndpointNumber{3}};
}

Flight later_flight(std::uint32_t attempts, bool once = false, std::uint32_t round_start = 0) {
  auto flight = first_flight();
  flight.row = DeliveryRow{
      .key = flight.key(), .attempts = attempts, .round_start = round_start, .once = once, .due = kNow};
  flight.attempt = attempts + 1;
  return flight;
}

// Asked for by hand while it waits until `resumes_at`.
Flight by_hand(std::uint32_t attempts, std::optional<Instant> resumes_at) {
  auto flight = later_flight(static_cast<std::uint16_t>(attempts));
  flight.row->asked = flight.row->manual = true;
  flight.row->resumes_at = resumes_at;
  return flight;
}

Response response_of(int status, std::string retry_after = {}, std::string webhook_delivery = {}) {
  Response a;
  a.status = status;
  a.cause = status == 0 ? Cause::connect : Cause::none;
  a.retry_after = std::move(retry_after);
  a.webhook_delivery = std::move(webhook_delivery);
  return a;
}

struct Case {
  std::string story;
  Flight flight;
  Response response;
  bool still_owed;
  std::optional<DeliveryStatus> status;  // none: no row
  std::optional<Duration> wait;
};

TEST(Conclude, EveryEndOfAnAttempt) {
  const RetrySchedule schedule{{10s, 100s}};
  const auto owed = true, gone = false;
  using enum DeliveryStatus;
  const Case cases[] = {
      {"a first success needs no row", first_flight(), response_of(200), owed, std::nullopt, {}},
      {"a first failure waits", first_flight(), response_of(500), owed, pending, 10s},
      {"no answer is a failure", first_flight(), response_of(0), owed, pending, 10s},
      {"a redirect is a failure", first_flight(), response_of(302), owed, pending, 10s},
      {"a second failure waits longer", later_flight(1), response_of(500), owed, pending, 100s},
      {"the last failure exhausts", later_flight(2), response_of(500), owed, exhausted, {}},
      {"a late success ends the row", later_flight(2), response_of(204), owed, succeeded, {}},
      {"Retry-After is a lower bound", first_flight(), response_of(503, "60"), owed, pending, 60s},
      {"a short Retry-After changes nothing", later_flight(1), response_of(503, "60"), owed, pending, 100s},
      {"410 is the end", first_flight(), response_of(410), owed, exhausted, {}},
      {"abort is the end", first_flight(), response_of(500, "", "abort"), owed, exhausted, {}},
      {"a failure for nobody is cancelled", first_flight(), response_of(500), gone, cancelled, {}},
      {"a success for nobody is still one", first_flight(), response_of(200), gone, std::nullopt, {}},
      {"a failed extra attempt leaves success", later_flight(3, true), response_of(500), owed, succeeded, {}},
      {"by hand uses up nothing and moves no date", by_hand(1, kNow + 40s), response_of(500), owed, pending,
       40s},
      {"by hand exhausts nothing", by_hand(2, kNow + 40s), response_of(500), owed, pending, 40s},
      {"a date that is over is due", by_hand(2, kNow - 1s), response_of(500), owed, pending, -1s},
      {"by hand keeps a Retry-After", by_hand(2, kNow + 40s), response_of(503, "60"), owed, pending, 60s},
      {"by hand first is the schedule's first", by_hand(0, std::nullopt), response_of(500), owed, pending,
       10s},
      {"by hand may succeed", by_hand(2, kNow + 40s), response_of(204), owed, succeeded, {}},
      {"by hand may be the last word", by_hand(1, kNow + 40s), response_of(410), owed, exhausted, {}},
      {"a new round begins the schedule again", later_flight(3, false, 3), response_of(500), owed, pending,
       10s},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.story);
    auto flight = c.flight;
    const auto verdict = judge(c.response, kNow);
    const auto done =
        conclude(std::move(flight), verdict, c.response.status, schedule, c.still_owed, kNow, 0.5);
    EXPECT_EQ(done.key, c.flight.key());
    ASSERT_EQ(done.row.has_value(), c.status.has_value());
    if (!c.status) continue;
    EXPECT_EQ(done.row->status, *c.status);
    EXPECT_EQ(done.row->attempts, c.flight.attempt);
    EXPECT_EQ(done.row->due.has_value(), *c.status == pending) << "due exactly when pending";
    if (c.wait && done.row->due) {
      EXPECT_EQ(*done.row->due - kNow, *c.wait) << "unit 0.5 means no jitter";
    }
    EXPECT_FALSE(done.row->asked || done.row->resumes_at) << "it was asked for once";
  }
}

TEST(Conclude, AfterAnyNumberOfAttemptsByHandTheScheduleHasItsOwn) {
  const RetrySchedule schedule{{10s, 100s}};
  auto row = *by_hand(1, kNow + 10s).row;
  for (std::uint16_t attempt = 2; attempt <= 500; ++attempt) {
    row.asked = true;
    row.resumes_at = kNow + 10s;
    auto flight = first_flight();
    flight.row = row;
    flight.attempt = attempt;
    row = *conclude(std::move(flight), judge(response_of(500), kNow), 500, schedule, true, kNow, 0.5).row;
    ASSERT_EQ(row.due, kNow + 10s);
  }
  auto next = later_flight(500);
  next.row = row;
  const auto done = conclude(std::move(next), judge(response_of(500), kNow), 500, schedule, true, kNow, 0.5);
  EXPECT_EQ(*done.row->due - kNow, 100s) << "the second wait of the schedule";
}

TEST(Conclude, WhatWasHurriedMayBeHurriedAgainOnlyIfItNeverGotThere) {
  for (const auto& [cause, again] : {std::pair{Cause::connect, true}, std::pair{Cause::timeout, false}}) {
    auto flight = later_flight(1);
    flight.row->brought_forward = true;
    Response none;
    none.cause = cause;
    const auto done = conclude(std::move(flight), judge(none, kNow), 0, {{10s, 100s}}, true, kNow, 0.5);
    EXPECT_EQ(done.row->brought_forward, !again) << to_text(cause);
  }
}

TEST(Conclude, WhatHasEndedEndsNoSecondTime) {
  DeliveryRow row{.status = DeliveryStatus::cancelled};
  EXPECT_DEATH(end_unreadable(row, kNow), "a delivery ends once");
}

TEST(Conclude, ARetryAfterIsKeptWithTheDelivery) {
  const auto done =
      conclude(first_flight(), judge(response_of(500, "60"), kNow), 500, {{10s}}, true, kNow, 0.5);
  EXPECT_EQ(done.row->not_before, kNow + 60s);
}

}  // namespace
}  // namespace exposee::engine
