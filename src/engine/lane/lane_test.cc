#include "engine/lane/lane.h"

#include <gtest/gtest.h>

#include <string>

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart = from_micros(1'000'000);
const Verdict kFailure{.cause = Cause::http};

EventRef event(std::uint64_t seq) {
  auto e = std::make_shared<Event>();
  e->seq = EventSeq{seq};
  e->type = TypeNumber{1};
  e->version = RegistryVersion{1};
  e->body = "{}";
  return e;
}

Verdict holding(Duration span) {
  return {.cause = Cause::http, .retry_after = span, .hold = span, .slow_down = true};
}

DeliveryRow row(std::uint64_t seq, bool asked = false) {
  return {.key = {EventSeq{seq}, EndpointNumber{1}}, .attempts = 1, .due = kStart, .asked = asked};
}

// Open, and allowed as many attempts as its limit.
Lane busy_lane(std::uint32_t limit = 64) {
  Lane lane(EndpointNumber{1});
  lane.gate.set_open(true, kStart);
  lane.pace.set_limit(limit, limit);
  for (std::uint32_t i = 0; i < 5 * limit; ++i) lane.note_success(100us, kStart);
  return lane;
}

std::uint64_t next_of(Lane& lane) {
  const auto next = lane.next(kStart);
  if (!next) return 0;
  const auto* retry = std::get_if<Retry>(&*next);
  return retry ? retry->row.key.event.value : std::get<EventRef>(*next)->seq.value;
}

TEST(Lane, TakesRetriesAndFirstAttemptsInTurn) {
  auto lane = busy_lane();
  for (const std::uint64_t seq : {11, 12, 13}) lane.backlog.push(event(seq), true, kStart);
  for (const std::uint64_t seq : {1, 2}) lane.retries.by_schedule().add(row(seq), event(seq));
  std::string order;
  for (auto seq = next_of(lane); seq != 0; seq = next_of(lane)) order += std::to_string(seq) + " ";
  EXPECT_EQ(order, "1 11 2 12 13 ");
}

TEST(Lane, AttemptsWhatWasAskedForBeforeAnythingElse) {
  for (const bool ordered : {false, true}) {
    auto lane = busy_lane();
    lane.gate.set_ordered(ordered);
    lane.backlog.push(event(5), true, kStart);
    lane.retries.by_schedule().add(row(1), event(1));
    lane.retries.by_hand().add(row(2, true), event(2));
    EXPECT_EQ(lane.gate.has_work(lane.work(), kStart), !ordered) << "in order, not before that is final";
    EXPECT_EQ(next_of(lane), 2u);
  }
}

TEST(Lane, AFailureCostsWhatItSaysOfTheReceiver) {
  struct Case {
    std::string story;
    Verdict verdict;
    int times;
    double allowance;
  };
  const Case cases[] = {
      {"a failure", kFailure, 1, 64},
      {"it asks for less", {.cause = Cause::http, .slow_down = true}, 1, 32},
      {"it is held", holding(30s), 1, 1},
      {"its breaker opens", kFailure, kBreakerFailures, 1},
  };
  for (const auto& c : cases) {
    auto lane = busy_lane();
    for (int i = 0; i < c.times; ++i) lane.note_failure(kStart, c.verdict, 0.5);
    EXPECT_EQ(lane.pace.allowance(), c.allowance) << c.story;
    EXPECT_FALSE(lane.is_fast()) << c.story;
  }
}

TEST(Lane, ComesBackFromTheDeadOneAttemptAtATime) {
  auto lane = busy_lane();
  for (std::uint32_t i = 0; i < kBreakerFailures; ++i) lane.note_failure(kStart, kFailure, 0.5);
  lane.note_success(100us, kStart + 10s);
  EXPECT_EQ(lane.pace.allowance(), 1);
  lane.note_success(100us, kStart + 10s);
  EXPECT_EQ(lane.pace.allowance(), 1 + kAllowanceStep);
}

TEST(Lane, CatchesUpOnceItIsBackUntilItFailsAgain) {
  auto lane = busy_lane();
  lane.note_failure(kStart, kFailure, 0.5);
  lane.note_success(100us, kStart + 1s);
  EXPECT_FALSE(lane.retries.catch_up().is_active()) << "a failure now and then";
  lane.note_failure(kStart, kFailure, 0.5);
  lane.note_success(100us, kStart + 5s);
  EXPECT_TRUE(lane.retries.catch_up().is_active());
  lane.note_failure(kStart + 6s, holding(30s), 0.5);
  EXPECT_FALSE(lane.retries.catch_up().is_active());
}

TEST(Lane, BeginsAnewAsIfNothingHadBeen) {
  auto lane = busy_lane();
  lane.retries.by_schedule().add(row(1), event(1));
  lane.retries.by_hand().add(row(2, true), event(2));
  for (std::uint32_t i = 0; i < kBreakerFailures; ++i) lane.note_failure(kStart, kFailure, 0.5);
  lane.note_failure(kStart, holding(30s), 0.5);
  lane.begin_anew();
  EXPECT_EQ(lane.retries.size(), 0u);
  EXPECT_FALSE(lane.gate.is_stopped(kStart));
  EXPECT_EQ(lane.pace.allowance(), kFirstAllowance);
}

TEST(Lane, HoldsAHandfulWhileItMayStartNothing) {
  auto lane = busy_lane();
  EXPECT_EQ(lane.window(kStart), kUsualLimits.window);
  lane.gate.set_open(false, kStart);
  EXPECT_EQ(lane.window(kStart), kUsualLimits.stopped_window);
}

TEST(Lane, HoldsAHandfulOfRetriesWhileItMayStartNothing) {
  constexpr auto kHandful = kUsualLimits.stopped_retries;
  auto lane = busy_lane();
  for (std::uint64_t n = 1; n <= 2 * kHandful; ++n) {
    lane.retries.by_schedule().add(row(n), event(n));
    lane.retries.by_hand().add(row(100 + n, true), event(100 + n));
  }
  lane.fit_retries(kStart);
  EXPECT_EQ(lane.retries.size(), 4 * kHandful);
  lane.note_failure(kStart, holding(30s), 0.5);
  lane.fit_retries(kStart);
  EXPECT_EQ(lane.retries.by_schedule().size(), kHandful);
  EXPECT_EQ(lane.retries.by_hand().size(), kHandful);
  EXPECT_TRUE(lane.retries.by_schedule().has_more());
  lane.fit_retries(kStart + 31s);
  EXPECT_TRUE(lane.retries.by_schedule().wants_refill()) << "it holds more again";
  lane.gate.set_open(false, kStart);
  lane.fit_retries(kStart + 31s);
  EXPECT_EQ(lane.retries.held(), 0u) << "of a lane that is paused not even their events";
}

}  // namespace
}  // namespace exposee::engine
