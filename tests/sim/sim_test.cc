// The engine in a simulated world: chosen stories.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

TEST(Engine, AnEventIsStoredAcknowledgedDeliveredAndRecorded) {
  Disk disk;
  World world(disk.options(1));
  world.add_endpoint("http://a.example/", {"*"});
  const auto published = must_publish(world);
  EXPECT_EQ(published.deliveries, 1u);
  world.run(1s);
  EXPECT_EQ(world.sender.seen.size(), 1u);
  EXPECT_EQ(status_of(world, published.seq, EndpointNumber{1}), DeliveryStatus::succeeded);
}

TEST(Engine, AnEventNobodySubscribedToOwesNothing) {
  Disk disk;
  World world(disk.options(1));
  EXPECT_EQ(must_publish(world).deliveries, 0u);
  world.run(1s);
  EXPECT_TRUE(world.sender.seen.empty());
}

TEST(Engine, RetriesKeepTheScheduleAndItsJitter) {
  Disk disk;
  World world(disk.options(7));
  world.add_endpoint("http://a.example/", {"*"});
  world.sender.receivers[EndpointNumber{1}].mood = Mood::broken;
  const auto published = must_publish(world);
  world.run(100h);
  EXPECT_EQ(status_of(world, published.seq, EndpointNumber{1}), DeliveryStatus::exhausted);
  const auto schedule = default_retry_schedule();
  ASSERT_EQ(world.sender.seen.size(), schedule.waits.size() + 1);
  for (std::size_t i = 0; i < schedule.waits.size(); ++i) {
    const auto gap = world.sender.seen[i + 1].at - world.sender.seen[i].at;
    EXPECT_GE(gap, schedule.waits[i] * 8 / 10) << "I7";
    EXPECT_LE(gap, schedule.waits[i] * 12 / 10 + 1s);
    EXPECT_EQ(world.sender.seen[i + 1].attempt, i + 2);
    EXPECT_EQ(world.sender.seen[i + 1].body, world.sender.seen[0].body) << "I5";
  }
}

TEST(Engine, RetryAfterIsALowerBound) {
  Disk disk;
  World world(disk.options(3));
  world.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1s, 1s}});
  world.sender.receivers[EndpointNumber{1}].mood = Mood::busy;  // Retry-After: 60
  must_publish(world);
  world.run(59s);
  EXPECT_EQ(world.sender.seen.size(), 1u);
  world.run(30s);
  EXPECT_EQ(world.sender.seen.size(), 2u);
}

TEST(Engine, AClockThatIsSetBackDelaysNoRetryAndHurriesNone) {
  Disk disk;
  World world(disk.options(15));
  const RetrySchedule schedule{{10s, 60s, 600s}};
  world.add_endpoint("http://a.example/", {"*"}, schedule);
  world.sender.receivers[EndpointNumber{1}].mood = Mood::broken;
  must_publish(world);
  world.run(1s);
  world.clock.set_wrong_by(-1h);
  world.run(100s);
  world.clock.set_wrong_by(-2h);
  world.run(1000s);
  ASSERT_EQ(world.sender.seen.size(), 4u);
  for (std::size_t i = 0; i < schedule.waits.size(); ++i) {
    const auto gap = world.sender.seen[i + 1].at - world.sender.seen[i].at;
    EXPECT_GE(gap, schedule.waits[i] * 8 / 10) << "I7";
    EXPECT_LE(gap, schedule.waits[i] * 12 / 10 + 1s);
  }
}

TEST(Engine, AfterAClockIsSetBackEventsStillAscend) {
  Disk disk;
  World world(disk.options(16));
  const auto before = must_publish(world);
  world.clock.set_wrong_by(-1h);
  world.run(1s);
  const auto after = must_publish(world);
  EXPECT_GE(*parse_rfc3339(after.accepted_at), *parse_rfc3339(before.accepted_at) + 1s);
  EXPECT_GT(after.id, before.id) << "ids are made of that time";
}

TEST(Engine, ARetryAfterThatIsADateIsReadOnTheWallClock) {
  Disk disk;
  World world(disk.options(17));
  world.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1s, 1s}});
  world.sender.receivers[EndpointNumber{1}].mood = Mood::busy_by_date;  // 60 s from now
  world.clock.set_wrong_by(-1h);
  must_publish(world);
  world.run(59s);
  EXPECT_EQ(world.sender.seen.size(), 1u);
  world.run(10s);
  EXPECT_EQ(world.sender.seen.size(), 2u);
}

TEST(Engine, AHangingReceiverNeverHoldsUpAnother) {
  Disk disk;
  World world(disk.options(4));
  world.add_endpoint("http://hanging.example/", {"*"});
  world.add_endpoint("http://healthy.example/", {"*"});
  world.sender.receivers[EndpointNumber{1}].mood = Mood::hanging;
  for (int i = 0; i < 500; ++i) world.publish_soon("user_registered", "{}");
  world.run(1s);
  const auto healthy = std::ranges::count(world.sender.seen, EndpointNumber{2}, &Seen::endpoint);
  EXPECT_EQ(healthy, 500);
  EXPECT_LE(world.sender.most_in_flight[EndpointNumber{1}],
            engine::EngineSettings{}.max_in_flight_per_endpoint);
}

TEST(Engine, ReceiverGoneDisablesTheEndpointAndCancelsWhatItWasOwed) {
  Disk disk;
  World world(disk.options(5));
  world.add_endpoint("http://a.example/", {"*"});
  world.sender.receivers[EndpointNumber{1}].mood = Mood::broken;
  const auto waiting = must_publish(world);
  world.run(100ms);
  world.sender.receivers[EndpointNumber{1}].mood = Mood::gone;
  const auto last = must_publish(world);
  world.run(1s);
  EXPECT_FALSE(world.engine->registry()->endpoint_numbered(EndpointNumber{1})->disabled_reason.empty());
  EXPECT_EQ(status_of(world, last.seq, EndpointNumber{1}), DeliveryStatus::exhausted);
  EXPECT_EQ(status_of(world, waiting.seq, EndpointNumber{1}), DeliveryStatus::cancelled);
  EXPECT_EQ(must_publish(world).deliveries, 0u) << "nothing is owed to a disabled endpoint";
}

TEST(Engine, AfterUnregisteringNoAttemptStarts) {
  Disk disk;
  World world(disk.options(6));
  world.add_endpoint("http://a.example/", {"user_registered"});
  world.sender.receivers[EndpointNumber{1}].mood = Mood::broken;
  const auto published = must_publish(world);
  world.run(100ms);
  ASSERT_TRUE(*world.unregister("user_registered", "http://a.example/"));
  world.run(100h);
  EXPECT_EQ(world.sender.seen.size(), 1u);
  EXPECT_EQ(status_of(world, published.seq, EndpointNumber{1}), DeliveryStatus::cancelled);
}

TEST(Engine, APausedEndpointWaitsAndThenGetsEverythingInOrder) {
  Disk disk;
  World world(disk.options(8));
  const auto endpoint = (*world.add_endpoint("http://a.example/", {"*"}))->endpoint;
  world.update({.id = endpoint->id, .settings = pausing(true)});
  for (int i = 0; i < 10'000; ++i) world.publish_soon("user_registered", "{}");
  world.run(10s);
  EXPECT_TRUE(world.sender.seen.empty());
  world.update({.id = endpoint->id, .settings = pausing(false)});
  world.run(60s);
  ASSERT_EQ(world.sender.seen.size(), 10'000u) << "beyond the window they come back from the store";
  for (std::size_t i = 0; i < 10'000; ++i) EXPECT_EQ(world.sender.seen[i].event, world.acked[i].id);
}

TEST(Engine, WhatIsOwedSurvivesACrashAtAnyMoment) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Disk disk;
    World world(disk.options(seed));
    world.add_endpoint("http://a.example/", {"*"});
    for (int round = 0; round < 20; ++round) {
      for (int i = 0; i < 20; ++i) world.publish_soon("user_registered", "{}");
      world.run(Duration{static_cast<std::int64_t>(world.random.below(3000))});
      world.crash();
    }
    world.run(10s);
    std::set<EventId> arrived;
    for (const auto& seen : world.sender.seen) arrived.insert(seen.event);
    for (const auto& acked : world.acked) EXPECT_TRUE(arrived.contains(acked.id)) << "seed " << seed;
    EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
  }
}

TEST(Engine, WhileAttemptsAreHeldCommandsGoOnAndTheNextStartSendsWhatTheyOwe) {
  Disk disk;
  World world(disk.options(23));
  world.add_endpoint("http://a.example/", {"*"});
  world.engine->hold_attempts();
  const auto published = must_publish(world);
  world.run(10s);
  EXPECT_TRUE(world.sender.seen.empty());
  EXPECT_FALSE(world.engine->stopped()) << "nobody asked it to end";
  world.stop_and_restart();
  world.run(1s);
  EXPECT_EQ(status_of(world, published.seq, EndpointNumber{1}), DeliveryStatus::succeeded);
}

TEST(Engine, AManualRetryOfASuccessIsOneAttemptAndStaysASuccess) {
  Disk disk;
  World world(disk.options(9));
  world.add_endpoint("http://a.example/", {"*"});
  const auto published = must_publish(world);
  world.run(1s);
  world.sender.receivers[EndpointNumber{1}].mood = Mood::broken;
  ASSERT_TRUE(*world.retry({published.seq, EndpointNumber{1}}));
  world.run(100h);
  EXPECT_EQ(world.sender.seen.size(), 2u);
  EXPECT_EQ(status_of(world, published.seq, EndpointNumber{1}), DeliveryStatus::succeeded);
}

TEST(Engine, ADeliveryThatWaitsForNobodyAnyMoreIsOwedOnceWhenItIsRetriedByHand) {
  Disk disk;
  World world(disk.options(18));
  world.add_endpoint("http://a.example/", {"user_registered", "user_send_message"});
  world.sender.receivers[EndpointNumber{1}].mood = Mood::broken;
  const auto published = must_publish(world);
  world.run(1s);
  ASSERT_TRUE(*world.unregister("user_registered", "http://a.example/"));
  ASSERT_EQ(status_of(world, published.seq, EndpointNumber{1}), DeliveryStatus::cancelled);
  world.sender.receivers[EndpointNumber{1}].mood = Mood::fine;
  ASSERT_TRUE(*world.retry({published.seq, EndpointNumber{1}}));
  EXPECT_EQ(world.engine->dispatcher().owed(), 1u);
  world.run(1s);
  EXPECT_EQ(status_of(world, published.seq, EndpointNumber{1}), DeliveryStatus::succeeded);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

TEST(Engine, AnExhaustedDeliveryThatIsRetriedBeginsItsScheduleAgain) {
  Disk disk;
  World world(disk.options(10));
  world.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1s}});
  world.sender.receivers[EndpointNumber{1}].mood = Mood::broken;
  const auto published = must_publish(world);
  world.run(1h);
  ASSERT_EQ(world.sender.seen.size(), 2u);
  ASSERT_TRUE(*world.retry({published.seq, EndpointNumber{1}}));
  world.run(1h);
  EXPECT_EQ(world.sender.seen.size(), 4u);
  EXPECT_EQ(world.sender.seen.back().attempt, 4u) << "attempts are counted over the whole life";
}

TEST(Engine, TheSameIdempotencyKeyMakesOneEvent) {
  Disk disk;
  World world(disk.options(11));
  world.add_endpoint("http://a.example/", {"*"});
  ASSERT_TRUE(world.publish("user_registered", "{}", "key"));
  EXPECT_FALSE(world.publish("user_registered", "{}", "key")) << "the stored reply needs no new outcome";
  const auto other_body = world.publish("user_registered", R"({"other":1})", "key");
  ASSERT_TRUE(other_body && !*other_body);
  EXPECT_EQ(other_body->error().why, engine::Refusal::key_reused);
  world.run(1s);
  world.crash();
  EXPECT_FALSE(world.publish("user_registered", "{}", "key")) << "also after a crash";
  world.run(1s);
  EXPECT_EQ(world.sender.seen.size(), 1u);
}

TEST(Engine, WhileTheStoreFailsNothingIsAcceptedAndAfterwardsEverythingGoesOn) {
  for (const auto code : {ErrorCode::full, ErrorCode::unavailable}) {
    Disk disk;
    World world(disk.options(12));
    world.add_endpoint("http://a.example/", {"*"});
    disk.faults.fail_next(3, code);
    const auto refused = world.publish("user_registered", "{}");
    ASSERT_TRUE(refused && !*refused);
    EXPECT_EQ(refused->error().why,
              code == ErrorCode::full ? engine::Refusal::store_full : engine::Refusal::store_away);
    EXPECT_FALSE(world.engine->store_works());
    world.run(5s);
    EXPECT_TRUE(world.engine->store_works()) << "it recovers by itself";
    must_publish(world);
    world.run(1s);
    EXPECT_EQ(world.sender.seen.size(), 1u);
  }
}

TEST(Engine, OldEventsThatOweNothingAreForgottenAndOthersAreKept) {
  Disk disk;
  engine::EngineSettings settings;
  settings.retention = 1h;
  World world(disk.options(14, settings));
  world.add_endpoint("http://done.example/", {"user_registered"});
  const auto owing = (*world.add_endpoint("http://paused.example/", {"user_send_message"}))->endpoint;
  world.update({.id = owing->id, .settings = pausing(true)});
  const auto done = must_publish(world, "user_registered");
  world.run(1min);
  const auto owed = must_publish(world, "user_send_message");
  const auto is_there = [&](EventSeq seq) { return !world.store->load_events({{seq}}, SIZE_MAX)->events.empty(); };
  world.run(50min);
  EXPECT_TRUE(is_there(done.seq));
  world.run(3h);
  EXPECT_FALSE(is_there(done.seq));
  EXPECT_TRUE(is_there(owed.seq)) << "what is still owed stays, however old";
  world.update({.id = owing->id, .settings = pausing(false)});
  world.run(3h);
  EXPECT_EQ(world.sender.seen.size(), 2u);
  EXPECT_FALSE(is_there(owed.seq));
}

// Fails the n-th operation of one story for every n, until no operation is left to fail.
TEST(Engine, AFailureOfTheStoreAtAnyOperationLosesNothing) {
  for (std::uint64_t n = 1;; ++n) {
    SCOPED_TRACE("operation " + std::to_string(n));
    Disk disk;
    World world(disk.options(n));
    disk.faults.fail_from = disk.faults.steps + n;
    disk.faults.fail_count = 1 + n % 3;
    world.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1s, 1s}});
    world.sender.receivers[EndpointNumber{1}].mood = n % 2 ? Mood::fine : Mood::broken;
    for (int i = 0; i < 5; ++i) {
      world.publish_soon("user_registered", "{}");
      world.run(3ms);
    }
    world.run(1s);
    world.sender.receivers[EndpointNumber{1}].mood = Mood::fine;
    world.run(10s);
    std::map<EventId, int> successes;
    for (const auto& seen : world.sender.seen) successes[seen.event] += seen.status / 100 == 2;
    const bool subscribed = world.engine->registry()->endpoints.live() > 0;
    for (const auto& acked : world.acked) EXPECT_EQ(successes[acked.id], subscribed ? 1 : 0);
    EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
    if (disk.faults.failed == 0) break;
  }
}

}  // namespace
}  // namespace exposee::sim
