#include "engine/lane/held_bodies.h"

#include <gtest/gtest.h>

#include <vector>

namespace exposee::engine {
namespace {

EventRef event_of(std::size_t bytes) {
  auto event = std::make_shared<Event>();
  event->body = std::string(bytes, 'x');
  return event;
}

TEST(HeldBodies, CountABodyOnceHoweverManyPointAtIt) {
  HeldBodies bodies;
  auto one = bodies.hold(event_of(100));
  auto same = one, again = one;
  EXPECT_EQ(bodies.bytes(), 100u);
  const auto other = bodies.hold(event_of(20));
  EXPECT_EQ(bodies.bytes(), 120u);
  one.reset();
  same.reset();
  EXPECT_EQ(bodies.bytes(), 120u) << "one still points at it";
  again.reset();
  EXPECT_EQ(bodies.bytes(), 20u);
}

EventRef stored(std::uint64_t seq) {
  auto event = std::make_shared<Event>();
  event->seq = EventSeq{seq};
  event->body = std::string(10, 'x');
  return event;
}

TEST(HeldBodies, ShareWhatIsReadBackAgainWhileItIsHeld) {
  HeldBodies bodies;
  auto one = bodies.hold_read(stored(1));
  const auto same = bodies.hold_read(stored(1));
  EXPECT_EQ(one, same);
  EXPECT_EQ(bodies.bytes(), 10u);
  const auto other = bodies.hold_read(stored(2));
  EXPECT_EQ(bodies.bytes(), 20u);
}

TEST(HeldBodies, ShareWhatIsReadBackWithWhoeverHoldsItSinceItWasAccepted) {
  HeldBodies bodies;
  std::vector<EventRef> held;
  for (std::uint64_t seq = 1; seq <= 20'000; ++seq) {
    auto live = bodies.hold(stored(seq));
    if (seq % 7 == 1) held.push_back(std::move(live));
  }
  const auto bytes = bodies.bytes();
  EXPECT_EQ(bytes, 10 * held.size());
  for (const auto& live : held) EXPECT_EQ(bodies.hold_read(stored(live->seq.value)), live);
  EXPECT_EQ(bodies.bytes(), bytes);
  EXPECT_EQ(bodies.hold_read(stored(2))->seq, EventSeq{2}) << "nobody held that one any more";
}

TEST(HeldBodies, KnowAsManyAsAreHeld) {
  HeldBodies bodies;
  std::vector<EventRef> held;
  for (std::uint64_t seq = 1; seq <= 10'000; ++seq) held.push_back(bodies.hold_read(stored(seq)));
  for (std::uint64_t seq = 1; seq <= 10'000; ++seq) EXPECT_EQ(bodies.hold_read(stored(seq)), held[seq - 1]);
  EXPECT_EQ(bodies.bytes(), 10 * held.size());
}

TEST(LiveBodies, KeepLittleOfWhatIsHeldNoMore) {
  LiveBodies bodies;
  const auto old = stored(1);
  bodies.add(old);
  for (std::uint64_t seq = 2; seq <= 100'000; ++seq) {
    bodies.add(stored(seq));
    ASSERT_LE(bodies.known(), 5'000u) << "however long one of them is held";
  }
  EXPECT_EQ(bodies.find(EventSeq{1}), old);
  EXPECT_EQ(bodies.find(EventSeq{50'000}), nullptr);
}

TEST(HeldBodies, ReadAnewWhatNobodyHoldsAnyMore) {
  HeldBodies bodies;
  bodies.hold_read(stored(1)).reset();
  EXPECT_EQ(bodies.bytes(), 0u);
  EXPECT_EQ(bodies.hold_read(stored(1))->body.size(), 10u);
}

TEST(HeldBodies, CountRightlyHoweverManyAreRead) {
  HeldBodies bodies;
  std::vector<EventRef> held;
  for (std::uint64_t n = 1; n <= 20'000; ++n) {
    auto event = bodies.hold_read(stored(n));
    if (n % 3 == 0 || n > 15'000) held.push_back(std::move(event));
  }
  EXPECT_EQ(bodies.bytes(), 10 * held.size());
  held.clear();
  EXPECT_EQ(bodies.bytes(), 0u);
}

TEST(HeldBodies, LetAnEventOutliveThem) {
  EventRef event;
  {
    HeldBodies bodies;
    event = bodies.hold(event_of(5));
  }
  EXPECT_EQ(event->body, "xxxxx");
}

}  // namespace
}  // namespace exposee::engine
