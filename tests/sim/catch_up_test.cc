// What waits for an endpoint that is back is brought forward.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

constexpr EndpointNumber kFirst{1};

class CatchUp : public testing::Test {
 protected:
  void be(Mood mood) { world.sender.receivers[kFirst].mood = mood; }
  std::size_t seen() const { return world.sender.seen.size(); }
  std::size_t owed() const { return world.engine->dispatcher().owed(); }
  // So many events, all of which failed twice and wait for minutes.
  void fail(int events) {
    for (int i = 0; i < events; ++i) world.publish_soon("user_registered", "{}");
    world.run(30s);
    ASSERT_EQ(owed(), static_cast<std::size_t>(events));
  }

  // The first event of all is one that its receiver cannot take.
  EventId publish_poison() {
    world.sender.opinion = [first = std::optional<EventId>{}](const SendJob& job) mutable {
      if (!first) first = job.event->id;
      return job.event->id == *first ? std::optional(Mood::broken) : std::nullopt;
    };
    return must_publish(world).id;
  }

  Disk disk;
  World world{disk.options(51)};
};

TEST_F(CatchUp, AReceiverThatStartsLateSeesItsEventsOnceATestSucceeds) {
  world.add_endpoint("http://a.example/", {"*"});
  be(Mood::refusing);
  fail(3);
  ASSERT_EQ(seen(), 6u);
  be(Mood::fine);
  world.run(30s);
  ASSERT_EQ(seen(), 6u) << "the next step of the schedule is minutes away";
  world.test_succeeds(kFirst);
  world.run(1s);
  EXPECT_EQ(owed(), 0u);
  EXPECT_EQ(world.sender.seen.back().attempt, 3u);
}

TEST_F(CatchUp, OrOnceANewEventHasArrived) {
  world.add_endpoint("http://a.example/", {"*"});
  be(Mood::refusing);
  fail(3);
  be(Mood::fine);
  must_publish(world);
  world.run(1s);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(CatchUp, AlsoWhatLiesOnDiskBeyondTheWindowAFewAtFirst) {
  world.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{10s, 10h, 10h}});
  be(Mood::refusing);
  for (int i = 0; i < 3'000; ++i) world.publish_soon("user_registered", "{}");
  world.run(3h);
  be(Mood::slow);  // 50 ms each
  const auto before = seen();
  world.test_succeeds(kFirst);
  world.run(40ms);
  EXPECT_LE(seen() - before, 8u) << "a receiver that has just started is not overrun";
  world.run(2min);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(CatchUp, IsGoneOnWithAfterARestartByTheNextSuccess) {
  world.add_endpoint("http://a.example/", {"*"});
  be(Mood::refusing);
  fail(3);
  world.crash();
  be(Mood::fine);
  must_publish(world);
  world.run(1s);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(CatchUp, EndsWhenTheReceiverFailsAgainAndTheScheduleGoesOn) {
  world.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1s, 10h, 10h}});
  be(Mood::refusing);
  fail(15);
  const auto before = seen();
  world.test_succeeds(kFirst);
  world.run(10s);
  EXPECT_LE(seen() - before, 8u) << "one step";
  EXPECT_EQ(owed(), 15u);
  world.run(25h);
  EXPECT_EQ(owed(), 0u) << "exhausted as the schedule says";
}

TEST_F(CatchUp, HurriesAnEventThatItsReceiverCannotTakeOnce) {
  world.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1s, 1h, 1h, 1h}});
  const auto poison = publish_poison();
  world.run(20s);
  for (int i = 0; i < 50; ++i) {
    must_publish(world);
    world.run(20s);
  }
  EXPECT_EQ(std::ranges::count(world.sender.seen, poison, &Seen::event), 3) << "at once, after 1 s, hurried";
}

TEST_F(CatchUp, AFailureNowAndThenKeepsTheWaitsOfItsSchedule) {
  world.add_endpoint("http://a.example/", {"*"});
  const auto poison = publish_poison();
  for (int i = 0; i < 100; ++i) {
    must_publish(world);
    world.run(1s);
  }
  EXPECT_EQ(std::ranges::count(world.sender.seen, poison, &Seen::event), 2) << "at once, and after 5 s";
}

TEST_F(CatchUp, AnOrderedEndpointGoesOnAtOnce) {
  world.create({.url = *parse_url("http://a.example/"), .patterns = {"*"}, .settings = {.ordered = true}});
  be(Mood::refusing);
  fail(3);
  be(Mood::fine);
  world.test_succeeds(kFirst);
  world.run(1s);
  ASSERT_EQ(owed(), 0u);
  const auto& posts = world.sender.seen;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(posts[posts.size() - 3 + i].event, world.acked[i].id);
}

}  // namespace
}  // namespace exposee::sim
