#include "engine/lane.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

EventRef event(std::uint64_t seq, TypeNumber type = TypeNumber{1}) {
  auto e = std::make_shared<Event>();
  e->seq = EventSeq{seq};
  e->type = type;
  e->version = RegistryVersion{1};
  e->body = "{}";
  return e;
}

DeliveryRow pending(std::uint64_t seq, std::int64_t due) {
  return {.key = {EventSeq{seq}, EndpointNumber{1}}, .attempts = 1, .due = from_micros(due)};
}

TEST(FreshWindow, GivesEventsBackInOrder) {
  FreshWindow window;
  for (std::uint64_t n = 1; n <= 3; ++n) EXPECT_TRUE(window.push(event(n), true));
  EXPECT_EQ(window.bytes(), 6u);
  EXPECT_EQ(window.pop()->seq, EventSeq{1});
  EXPECT_EQ(window.front_seq(), EventSeq{2});
  EXPECT_EQ(window.bytes(), 4u);
}

TEST(FreshWindow, TakesBackWhatItGaveOutToItsPlace) {
  FreshWindow window;
  for (std::uint64_t n = 1; n <= 4; ++n) window.push(event(n), true);
  auto first = window.pop(), second = window.pop(), third = window.pop();
  window.put_back(std::move(third));
  window.put_back(std::move(first));
  window.put_back(std::move(second));
  EXPECT_EQ(window.bytes(), 8u);
  for (std::uint64_t n = 1; n <= 4; ++n) EXPECT_EQ(window.pop()->seq, EventSeq{n});
}

TEST(FreshWindow, FallsBehindWhenFullAndTakesNothingUntilItHasCaughtUp) {
  FreshWindow window;
  for (std::uint64_t n = 1; n <= kFreshWindow; ++n) ASSERT_TRUE(window.push(event(n), true));
  EXPECT_FALSE(window.push(event(kFreshWindow + 1), true));
  EXPECT_TRUE(window.behind());
  EXPECT_EQ(window.cursor(), EventSeq{kFreshWindow});
  window.pop();
  EXPECT_FALSE(window.push(event(kFreshWindow + 2), true)) << "a gap would reorder or lose the one before";
  window.refill({{event(kFreshWindow + 1), event(kFreshWindow + 2)}, EventSeq{kFreshWindow + 2}, false});
  EXPECT_FALSE(window.behind());
  EXPECT_TRUE(window.push(event(kFreshWindow + 3), true) || window.size() >= kFreshWindow);
}

TEST(FreshWindow, WithoutRoomOneEventIsEnoughToFallBehind) {
  FreshWindow window;
  EXPECT_FALSE(window.push(event(7), false));
  EXPECT_TRUE(window.behind());
  EXPECT_EQ(window.cursor(), EventSeq{6}) << "the event itself must be read back";
}

TEST(FreshWindow, GivesUpWhatNoSubscriptionOwesAnyMore) {
  FreshWindow window;
  window.push(event(1, TypeNumber{1}), true);
  window.push(event(2, TypeNumber{2}), true);
  const EndpointState state{nullptr, {{TypeNumber{2}, RegistryVersion{1}}}};
  EXPECT_EQ(window.drop_unowed(state), 1u);
  EXPECT_EQ(window.front_seq(), EventSeq{2});
  EXPECT_EQ(window.bytes(), 2u);
}

TEST(RetryWindow, GivesBackOnlyWhatIsDueSoonestFirst) {
  RetryWindow window;
  window.add(pending(1, 300));
  window.add(pending(2, 100));
  EXPECT_EQ(window.next_due(), from_micros(100));
  EXPECT_FALSE(window.pop_due(from_micros(99)));
  EXPECT_EQ(window.pop_due(from_micros(100))->key.event, EventSeq{2});
  EXPECT_FALSE(window.pop_due(from_micros(299)));
}

TEST(RetryWindow, KeepsTheSoonestAndLeavesTheRestToTheStore) {
  RetryWindow window;
  for (std::uint64_t n = 1; n <= kRetryWindow + 10; ++n) window.add(pending(n, static_cast<std::int64_t>(n)));
  EXPECT_EQ(window.size(), kRetryWindow);
  EXPECT_TRUE(window.has_more());
  EXPECT_EQ(window.horizon().second, EventSeq{kRetryWindow});
  window.add(pending(9'999, 9'999));
  EXPECT_EQ(window.size(), kRetryWindow) << "beyond the horizon it stays in the store";
  window.add(pending(10'000, 0));
  EXPECT_EQ(window.next_due(), from_micros(0));
}

TEST(RetryWindow, AfterAStartItTakesFromTheStoreFirst) {
  RetryWindow window;
  window.expect_more();
  window.add(pending(1, 50));
  EXPECT_TRUE(window.empty()) << "it is in the store and comes with the first refill";
  const std::vector<DeliveryRow> rows{pending(1, 50), pending(2, 60)};
  window.refill(rows);
  EXPECT_EQ(window.size(), 2u);
  EXPECT_FALSE(window.has_more());
}

TEST(RetryWindow, LeavesToTheStoreOnlyWhatComesAfterEveryRowThatWasGivenOut) {
  RetryWindow window;
  for (std::uint64_t n = 1; n <= 400; ++n) {
    window.add(pending(n, static_cast<std::int64_t>(n)));
    ASSERT_TRUE(window.pop_due(from_micros(1'000)));
  }
  for (std::uint64_t n = 1; n <= 300; ++n) window.add(pending(n, static_cast<std::int64_t>(n)));
  EXPECT_EQ(window.size(), 300u);
  EXPECT_FALSE(window.has_more()) << "reading on after them would bring 301, which is under way";
  window.add(pending(500, 500));
  EXPECT_TRUE(window.has_more());
  EXPECT_EQ(window.horizon().second, EventSeq{400});
}

TEST(RetryWindow, ForgetsARowThatWasReplaced) {
  RetryWindow window;
  window.add(pending(1, 500));
  EXPECT_TRUE(window.remove(EventSeq{1}));
  EXPECT_TRUE(window.empty());
  EXPECT_FALSE(window.remove(EventSeq{1}));
}

constexpr Instant kStart = from_micros(1'000'000);

Lane busy_lane() {
  Lane lane(EndpointNumber{1});
  lane.limit = 64;
  lane.allowance = 64;
  return lane;
}

TEST(Lane, SlowsDownByHalvesWhenAsked) {
  auto lane = busy_lane();
  const auto now = from_micros(1'000'000);
  lane.note_failure(now, true, 0.5);
  EXPECT_EQ(lane.allowance, 32);
  for (int i = 0; i < 10; ++i) lane.note_failure(now, true, 0.5);
  EXPECT_EQ(lane.allowance, 1) << "one attempt at a time is always allowed: it is how recovery is noticed";
}

TEST(Lane, EveryAnswerLetsItSendMoreAtOnceHoweverLongItTook) {
  for (const Duration took : {Duration{100}, Duration{50'000}, Duration{14'000'000}}) {
    auto lane = busy_lane();
    lane.allowance = 1;
    lane.note_success(Duration{500}, kStart);
    for (int i = 0; i < 300; ++i) lane.note_success(took, kStart);
    EXPECT_EQ(lane.allowance, 64);
  }
}

TEST(Lane, HasFewerAtOnceWhileTheUsualAnswerIsFast) {
  Lane lane(EndpointNumber{1});
  lane.limit = 500;
  EXPECT_EQ(lane.at_once(), kFastAtOnce) << "nothing is known yet";
  lane.note_success(Duration{200'000}, kStart);
  EXPECT_EQ(lane.at_once(), 500u);
  lane.note_success(Duration{100}, kStart);
  EXPECT_EQ(lane.at_once(), 500u) << "one good answer does not hold it back";
  for (int i = 0; i < 50; ++i) lane.note_success(Duration{100}, kStart);
  EXPECT_EQ(lane.at_once(), kFastAtOnce);
  lane.limit_when_fast = 500;  // the endpoint says so
  EXPECT_EQ(lane.at_once(), 500u);
  lane.limit = 3;
  EXPECT_EQ(lane.at_once(), 3u);
}

TEST(Lane, CountsAsFastUntilItsShortestAnswerOfLateSaysOtherwise) {
  auto lane = busy_lane();
  EXPECT_TRUE(lane.is_fast()) << "nothing is known yet";
  lane.note_success(Duration{30'000}, kStart);
  EXPECT_FALSE(lane.is_fast());
  lane.note_success(Duration{100}, kStart);
  EXPECT_TRUE(lane.is_fast());
  for (std::uint32_t i = 0; i < 3 * kMeasureWindow; ++i) lane.note_success(Duration{30'000}, kStart);
  EXPECT_TRUE(lane.is_fast()) << "many answers in a moment prove nothing";
  for (std::uint32_t i = 0; i < 3 * kMeasureWindow; ++i) {
    lane.note_success(Duration{30'000}, kStart + kMeasureTime * (1 + i / kMeasureWindow));
  }
  EXPECT_EQ(lane.base_time, Duration{30'000});
  EXPECT_FALSE(lane.is_fast());
  lane.note_success(Duration{100}, kStart);
  lane.note_failure(kStart, false, 0.5);
  EXPECT_FALSE(lane.is_fast()) << "it fails";
}

}  // namespace
}  // namespace exposee::engine
