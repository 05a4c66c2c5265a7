// Something that the store will never take is set aside, by name, and everything else goes on.
#include <map>

#include "core/delivery.h"
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

class SetAside : public testing::Test {
 protected:
  SetAside() {
    for (const char* url : {"http://a.example/", "http://b.example/"})
      world_.add_endpoint(url, {"*"}, RetrySchedule{{1min, 1min}});
    disk_.faults.code = ErrorCode::internal;
  }

  void publish(int count) {
    for (int i = 0; i < count; ++i) world_.publish_soon("user_registered", "{}");
    world_.step();
  }
  DeliveryKey key(std::size_t event, std::uint64_t endpoint) {
    return {world_.acked.at(event).seq, EndpointNumber{endpoint}};
  }
  // The record of an attempt at this delivery, and, if so, its row as well, can never be written.
  void poison(const DeliveryKey& bad, bool also_its_row) {
    disk_.faults.refuses = [=](const Turn& turn) {
      const bool attempt = std::ranges::find(turn.attempts, bad, &AttemptRow::key) != turn.attempts.end();
      const bool row = std::ranges::find(turn.deliveries, bad, &DeliveryRow::key) != turn.deliveries.end();
      return attempt || (also_its_row && row);
    };
  }
  // No part of a turn that tells of this endpoint's attempts can ever be written; the others of a turn are
  // counted.
  void poison_all_of(std::uint64_t endpoint) {
    const EndpointNumber bad{endpoint};
    disk_.faults.refuses = [=](const Turn& turn) {
      const auto is_bad = [&](const auto& row) { return row.key.endpoint == bad; };
      return std::ranges::any_of(turn.attempts, is_bad) || std::ranges::any_of(turn.deliveries, is_bad);
    };
    disk_.faults.before_write = [this] { ++writes_[world_.observer.turns]; };
  }
  std::size_t most_writes() const {
    return std::ranges::max_element(writes_, {}, [](const auto& turn) { return turn.second; })->second;
  }
  DeliveryStatus status(const DeliveryKey& of) { return status_of(world_, of.event, of.endpoint); }

  Disk disk_;
  World world_{disk_.options(1)};
  std::map<std::uint64_t, std::size_t> writes_;  // of each turn
};

// Of one turn that is divided: its budget, the last descent to a single part of each kind, and what it wrote
// in vain before.
constexpr std::size_t kMostWrites = engine::kUsualLimits.division_writes + 40;

TEST_F(SetAside, VeryManyOutcomesAreDividedOverSeveralTurnsAndPublishingGoesOnMeanwhile) {
  constexpr int kEvents = 300;
  publish(kEvents);
  poison_all_of(1);
  while (writes_.empty()) world_.run(1ms);
  ASSERT_GT(world_.engine->unwritten(), 0u) << "the first turn did not do it all";
  publish(1);
  EXPECT_EQ(world_.acked.size(), kEvents + 1u);
  EXPECT_GT(world_.engine->unwritten(), 0u);
  world_.run(1min);
  EXPECT_LE(most_writes(), kMostWrites);
  EXPECT_EQ(world_.observer.troubles.size(), kEvents + 1u) << "each once";
  for (const auto& event : world_.acked)
    EXPECT_EQ(status_of(world_, event.seq, EndpointNumber{2}), DeliveryStatus::succeeded);
  EXPECT_EQ(world_.sender.seen.size(), 2u * (kEvents + 1)) << "nothing is repeated";
  EXPECT_EQ(world_.engine->unwritten(), 0u);
  EXPECT_EQ(world_.engine->dispatcher().owed(), kEvents + 1u) << "what is set aside is pending";
}

TEST_F(SetAside, OnASlowDiskATurnIsDividedInFewerWrites) {
  publish(100);
  poison_all_of(1);
  const auto count = disk_.faults.before_write;
  disk_.faults.before_write = [this, count] {
    count();
    world_.clock.advance_to(world_.clock.true_now() + engine::kDivisionTime / 4);
  };
  world_.run(10min);
  EXPECT_LE(most_writes(), 20u);
  EXPECT_EQ(world_.observer.troubles.size(), 100u);
  EXPECT_EQ(world_.engine->unwritten(), 0u);
}

TEST_F(SetAside, WhatAsksWaitsUntilAllOutcomesAreWritten) {
  publish(300);
  poison_all_of(1);
  while (writes_.empty()) world_.run(1ms);
  bool told = false;
  world_.put(engine::RetryDelivery{.key = key(0, 2)}, [&] { told = true; });
  int turns = 0;
  for (; !told && turns < 100; ++turns) {
    EXPECT_GT(world_.engine->unwritten(), 0u);
    world_.run(1us);
  }
  EXPECT_TRUE(told);
  EXPECT_GT(turns, 1);
}

TEST_F(SetAside, VeryManyRequestsAreRefusedOverSeveralTurns) {
  disk_.faults.before_write = [this] { ++writes_[world_.observer.turns]; };
  disk_.faults.refuses = [](const Turn& turn) {
    return std::ranges::any_of(
        turn.events, [](const auto& event) { return event->body.find("poison") != std::string::npos; });
  };
  constexpr std::size_t kRequests = 200;
  for (std::size_t i = 0; i < kRequests; ++i)
    world_.publish_soon("user_registered", i % 2 == 0 ? R"({"n":"poison"})" : "{}");
  world_.step();
  EXPECT_GT(world_.refused, 0u);
  EXPECT_LT(world_.refused, kRequests / 2);
  world_.run(1s);
  EXPECT_EQ(world_.refused, kRequests / 2);
  EXPECT_EQ(world_.acked.size(), kRequests / 2);
  EXPECT_LE(most_writes(), kMostWrites);
  EXPECT_EQ(world_.sender.seen.size(), kRequests) << "each of the others goes to two receivers";
}

// What ends without an attempt: here events that cannot be read, of which the end cannot be written either.
TEST_F(SetAside, VeryManyEndsAreDividedOverSeveralTurns) {
  constexpr std::size_t kEvents = 200;
  const auto id = world_.engine->registry()->endpoint_numbered(EndpointNumber{1})->id;
  world_.update({.id = id, .settings = pausing(true)});
  publish(kEvents);
  world_.run(30s);
  disk_.faults.damaged_body = [](EventSeq) { return true; };
  poison_all_of(1);
  world_.update({.id = id, .settings = pausing(false)});
  world_.run(1min);
  EXPECT_LE(most_writes(), kMostWrites);
  EXPECT_EQ(world_.observer.troubles.size(), kEvents) << "each once";
  EXPECT_EQ(world_.engine->dispatcher().owed(), engine::kUsualLimits.stopped_window)
      << "what was in memory was attempted, and is set aside";
}

TEST_F(SetAside, AnOutcomeThatCannotBeStoredHoldsUpNoOther) {
  publish(5);
  const auto bad = key(2, 1);
  poison(bad, true);
  world_.run(1s);
  EXPECT_TRUE(world_.engine->store_works());
  EXPECT_EQ(world_.observer.failures, 0);
  EXPECT_EQ(world_.observer.troubles, (std::vector{"attempt " + delivery_id_text(bad) + " attempt 1"}));
  for (std::size_t event = 0; event < 5; ++event) {
    for (const std::uint64_t endpoint : {1, 2}) {
      if (key(event, endpoint) != bad) {
        EXPECT_EQ(status(key(event, endpoint)), DeliveryStatus::succeeded);
      }
    }
  }
  publish(1);
  world_.run(1h);
  EXPECT_EQ(world_.sender.seen.size(), 12u) << "nothing is repeated";
  EXPECT_EQ(world_.observer.troubles.size(), 1u);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 1u) << "it is pending still";
}

// It is shown as what it is, and a retry by hand needs no new start.
TEST_F(SetAside, WhatWaitsForANewStartIsSaidSoAndCounted) {
  for (const bool is_first : {true, false}) {
    Disk disk;
    World world(disk.options(1));
    const EndpointNumber number{1};
    world.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1min, 1min}});
    world.sender.receivers[number].mood = is_first ? Mood::fine : Mood::broken;
    const DeliveryKey bad{must_publish(world).seq, number};
    const auto poison = [&] {
      disk.faults.code = ErrorCode::internal;
      disk.faults.refuses = [=](const Turn& turn) {
        return std::ranges::find(turn.attempts, bad, &AttemptRow::key) != turn.attempts.end() ||
               std::ranges::find(turn.deliveries, bad, &DeliveryRow::key) != turn.deliveries.end();
      };
    };
    if (!is_first) world.run(1s);
    poison();
    const auto told = world.observer.finished;
    world.run(1h);
    EXPECT_EQ(world.observer.finished, told) << "nothing of it counts";
    const auto row = world.find_delivery(bad);
    ASSERT_EQ(row->status, DeliveryStatus::pending);
    const auto waiting = world.engine->dispatcher().waiting(*row, world.clock.now());
    EXPECT_EQ(waiting.why, engine::WaitReason::set_aside);
    EXPECT_FALSE(waiting.until);
    EXPECT_EQ(world.engine->dispatcher().owed(), 1u);
    disk.faults.refuses = {};
    world.sender.receivers[number].mood = Mood::fine;
    ASSERT_TRUE(*world.retry(bad));
    world.run(1s);
    EXPECT_EQ(status_of(world, bad.event, number), DeliveryStatus::succeeded);
    EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
    EXPECT_TRUE(world.engine->dispatcher().is_idle(number) ||
                world.engine->dispatcher().find_lane(number)->set_aside.empty());
  }
}

TEST_F(SetAside, WhatIsNotOwedAnyMoreIsNotCounted) {
  publish(3);
  poison_all_of(1);
  world_.run(1s);
  ASSERT_EQ(world_.engine->dispatcher().owed(), 3u);
  const auto id = world_.engine->registry()->endpoint_numbered(EndpointNumber{1})->id;
  world_.update({.id = id, .patterns = std::vector<std::string>{"user_send_message"}});
  world_.run(1s);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

TEST_F(SetAside, AnAttemptWhoseRecordCannotBeStoredStillCounts) {
  publish(3);
  const auto bad = key(1, 2);
  poison(bad, false);
  world_.run(1s);
  EXPECT_EQ(world_.observer.troubles.size(), 1u);
  EXPECT_EQ(status(bad), DeliveryStatus::succeeded);
  world_.crash();
  world_.run(1h);
  EXPECT_EQ(world_.sender.seen.size(), 6u);
}

TEST_F(SetAside, AFailedAttemptWhoseRecordCannotBeStoredIsRepeatedAsItsScheduleSays) {
  world_.sender.receivers[EndpointNumber{2}].mood = Mood::broken;
  publish(2);
  poison(key(1, 2), false);
  world_.run(1h);
  EXPECT_EQ(status(key(1, 2)), DeliveryStatus::exhausted);
  EXPECT_EQ(world_.find_delivery(key(1, 2))->attempts, 3u);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

TEST_F(SetAside, ARequestThatCannotBeStoredIsRefusedAloneOfItsTurn) {
  disk_.faults.refuses = [](const Turn& turn) {
    return std::ranges::any_of(
        turn.events, [](const auto& event) { return event->body.find("poison") != std::string::npos; });
  };
  for (int i = 0; i < 9; ++i) world_.publish_soon("user_registered", i == 4 ? R"({"n":"poison"})" : "{}");
  bool declared = false;
  world_.put(engine::DeclareType{.name = "order.paid"}, [&] { declared = true; });
  world_.step();
  EXPECT_EQ(world_.acked.size(), 8u);
  EXPECT_EQ(world_.refused, 1u);
  EXPECT_TRUE(declared);
  EXPECT_TRUE(world_.engine->store_works());
  world_.run(1s);
  EXPECT_EQ(world_.sender.seen.size(), 16u);
  EXPECT_EQ(world_.observer.troubles.size(), 1u);
}

TEST_F(SetAside, AFirstAttemptIsMadeAgainAfterANewStart) {
  publish(3);
  const auto bad = key(1, 1);
  poison(bad, true);
  world_.run(1min);
  EXPECT_EQ(world_.sender.seen.size(), 6u);
  disk_.faults.refuses = {};
  for (int i = 0; i < 3; ++i) {
    publish(2);  // marks and packs move on
    world_.run(1min);
  }
  EXPECT_EQ(world_.sender.seen.size(), 18u) << "not in this life";
  world_.crash();
  world_.run(1min);
  EXPECT_EQ(world_.sender.seen.size(), 19u);
  EXPECT_EQ(status(bad), DeliveryStatus::succeeded);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

// Its next event waits until that delivery is final: it is asked for by hand, or is not owed any more.
TEST_F(SetAside, ADeliveryOfAnOrderedEndpointHoldsUpWhatComesAfterIt) {
  enum class End { by_hand, unsubscribed, new_start };
  for (const auto end : {End::by_hand, End::unsubscribed, End::new_start}) {
    for (const bool is_first : {true, false}) {
      SCOPED_TRACE(testing::Message() << static_cast<int>(end) << (is_first ? " first" : " later"));
      Disk disk;
      World world(disk.options(1));
      const EndpointNumber number{1};
      const auto id = (*world.add_endpoint("http://a.example/", {"user_registered", "user_send_message"},
                                           RetrySchedule{{1min, 1min}}))
                          ->endpoint->id;
      world.update({.id = id, .settings = setting_change(&EndpointSettings::ordered, true)});
      world.sender.receivers[number].mood = is_first ? Mood::fine : Mood::broken;
      const DeliveryKey bad{must_publish(world).seq, number};
      if (!is_first) world.run(1s);
      world.sender.receivers[number].mood = Mood::fine;
      disk.faults.code = ErrorCode::internal;
      disk.faults.refuses = [=](const Turn& turn) {
        return std::ranges::find(turn.attempts, bad, &AttemptRow::key) != turn.attempts.end() ||
               std::ranges::find(turn.deliveries, bad, &DeliveryRow::key) != turn.deliveries.end();
      };
      const auto next = must_publish(world, "user_send_message");
      world.run(1h);
      EXPECT_EQ(world.sender.seen.size(), is_first ? 1u : 2u) << "the next one waits";
      const auto row = world.find_delivery({next.seq, number});
      EXPECT_EQ(world.engine->dispatcher().waiting(*row, world.clock.now()).why, engine::WaitReason::order);
      disk.faults.refuses = {};
      if (end == End::by_hand) {
        ASSERT_TRUE(*world.retry(bad));
      }
      if (end == End::unsubscribed)
        world.update({.id = id, .patterns = std::vector<std::string>{"user_send_message"}});
      if (end == End::new_start) world.crash();
      world.run(10min);
      EXPECT_EQ(status_of(world, next.seq, number), DeliveryStatus::succeeded);
      EXPECT_EQ(world.sender.seen.back().event, next.id) << "in order";
      EXPECT_EQ(status_of(world, bad.event, number),
                end == End::unsubscribed ? DeliveryStatus::cancelled : DeliveryStatus::succeeded);
      EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
    }
  }
}

TEST_F(SetAside, ARetryIsNoMoreOnceItsRowHasEnded) {
  const EndpointNumber number{1};
  world_.sender.receivers[number].mood = Mood::broken;
  publish(1);
  world_.run(1s);
  poison(key(0, 1), true);
  world_.run(10min);
  const auto& lane = *world_.engine->dispatcher().find_lane(number);
  ASSERT_EQ(lane.set_aside.size(), 1u);
  disk_.faults.refuses = {};
  world_.update({.id = world_.engine->registry()->endpoint_numbered(number)->id,
                 .patterns = std::vector<std::string>{"user_send_message"}});
  world_.run(1min);
  EXPECT_EQ(status(key(0, 1)), DeliveryStatus::cancelled);
  EXPECT_TRUE(lane.set_aside.empty());
  EXPECT_EQ(lane.owed.count, 0u);
}

// Each part of a turn that is divided, in turn, finds the disk full.
TEST_F(SetAside, NothingIsForAnErrorThatPasses) {
  for (std::uint64_t part = 0; part < 12; ++part) {
    SCOPED_TRACE(part);
    Disk disk;
    World world(disk.options(1));
    for (const char* url : {"http://a.example/", "http://b.example/"}) world.add_endpoint(url, {"*"});
    for (int i = 0; i < 4; ++i) world.publish_soon("user_registered", "{}");
    world.step();
    const DeliveryKey bad{world.acked.at(2).seq, EndpointNumber{1}};
    std::uint64_t refusals = 0;
    disk.faults.code = ErrorCode::internal;
    disk.faults.refuses = [&](const Turn& turn) {
      if (std::ranges::find(turn.attempts, bad, &AttemptRow::key) == turn.attempts.end()) return false;
      if (++refusals == 1) {
        disk.faults.fail_from =
            disk.faults.steps + 2 + part;  // after the proof that it can be written at all
        disk.faults.fail_count = 3;
      }
      return true;
    };
    disk.faults.before_write = [&] {
      const auto& faults = disk.faults;
      const bool full = faults.fail_from && faults.steps + 1 >= faults.fail_from &&
                        faults.steps + 1 < faults.fail_from + faults.fail_count;
      disk.faults.code = full ? ErrorCode::full : ErrorCode::internal;
    };
    world.run(10s);
    disk.faults.fail_from = 0;
    EXPECT_TRUE(world.engine->store_works());
    EXPECT_EQ(world.observer.troubles, (std::vector{"attempt " + delivery_id_text(bad) + " attempt 1"}));
    for (const auto& event : world.acked) {
      for (const std::uint64_t endpoint : {1, 2})
        EXPECT_EQ(status_of(world, event.seq, EndpointNumber{endpoint}), DeliveryStatus::succeeded);
    }
    EXPECT_EQ(world.sender.seen.size(), 8u);
    EXPECT_EQ(world.engine->unwritten(), 0u);
  }
}

TEST_F(SetAside, ACheckpointThatCannotBeWrittenIsToldOnceAndHoldsUpNothing) {
  disk_.faults.refuses = [](const Turn& turn) { return turn.checkpoint.has_value(); };
  publish(3);
  world_.run(1min);
  publish(3);
  world_.run(1min);
  EXPECT_TRUE(world_.engine->store_works());
  EXPECT_EQ(world_.observer.chores, "checkpoint! ");
  EXPECT_EQ(world_.sender.seen.size(), 12u);
  disk_.faults.refuses = {};
  world_.run(10min);
  EXPECT_EQ(world_.observer.chores, "checkpoint! checkpoint ");
}

TEST_F(SetAside, NothingIsWhenTheStoreTakesNothingAtAll) {
  publish(3);
  disk_.faults.refuses = [](const Turn&) { return true; };
  world_.run(10s);
  EXPECT_FALSE(world_.engine->store_works());
  EXPECT_TRUE(world_.observer.troubles.empty());
  disk_.faults.refuses = {};
  world_.run(10s);
  EXPECT_TRUE(world_.engine->store_works());
  for (std::size_t event = 0; event < 3; ++event) EXPECT_EQ(status(key(event, 1)), DeliveryStatus::succeeded);
  EXPECT_EQ(world_.sender.seen.size(), 6u);
}

}  // namespace
}  // namespace exposee::sim
