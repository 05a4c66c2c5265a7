#include "engine/lane/held_bodies.h"

#include <gtest/gtest.h>

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
