// A store that cannot be written: how a stop ends then, and what a caller is told.
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

TEST(StoreFails, AStopEndsAtOnceWhenTheStoreFailsAndWhatItDidNotTakeIsSentAgain) {
  for (const bool failed_before : {false, true}) {
    Disk disk;
    World world(disk.options(15));
    world.add_endpoint("http://a.example/", {"*"});
    must_publish(world);
    disk.faults.fail_next(1'000'000, ErrorCode::unavailable);
    if (failed_before) world.publish("user_registered", "{}");
    world.run(1s);  // its outcome comes, and cannot be written
    ASSERT_FALSE(world.engine->store_works());
    world.engine->request_stop(20s);
    world.engine->turn();
    world.engine->turn();
    EXPECT_TRUE(world.engine->stopped());
    EXPECT_EQ(world.engine->unwritten(), 1u);
    disk.faults.fail_from = 0;
    world.crash();
    world.run(1s);
    EXPECT_EQ(world.sender.seen.size(), 2u);
  }
}

TEST(StoreFails, AStoreThatWorksAgainByTheTimeOfTheStopTakesEverything) {
  Disk disk;
  World world(disk.options(16));
  world.add_endpoint("http://a.example/", {"*"});
  must_publish(world);
  disk.faults.fail_next(1'000'000, ErrorCode::full);
  world.run(1s);
  ASSERT_FALSE(world.engine->store_works());
  disk.faults.fail_from = 0;
  world.stop_and_restart();
  world.run(1s);
  EXPECT_EQ(world.sender.seen.size(), 1u) << "its outcome was written";
}

TEST(StoreFails, WhatMayHaveBeenStoredAllTheSameIsSaidSo) {
  for (const auto fault : {fakes::Fault::fails, fakes::Fault::perhaps}) {
    Disk disk;
    World world(disk.options(17));
    disk.faults.fail_next(1, ErrorCode::unavailable, fault);
    const auto outcome = world.publish("user_registered", "{}");
    ASSERT_TRUE(outcome);
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().why, engine::Refusal::store_away);
    const bool said = outcome->error().detail.find("same Idempotency-Key") != std::string::npos;
    EXPECT_EQ(said, fault == fakes::Fault::perhaps) << outcome->error().detail;
  }
}

// A stop does not wait for a store to say how the last turn ended; its client is told what nobody knows.
TEST(StoreFails, WhoWaitsForATurnOfUnknownEndIsAnsweredWhenTheEngineEnds) {
  for (const bool is_ending : {false, true}) {
    Disk disk;
    World world(disk.options(18));
    disk.faults.fail_next(1'000'000, ErrorCode::unavailable, fakes::Fault::in_effect);
    std::vector<std::string> told;
    const auto publish = [&] {
      engine::PublishEvent command{.type_name = "user_registered", .data = "{}"};
      command.reply.render = [](const auto& outcome) {
        return engine::Reply{outcome ? 200 : 503, outcome ? "" : outcome.error().detail};
      };
      command.reply.deliver = [&](engine::Reply&& reply) { told.push_back(reply.body); };
      world.engine->commands().submit(std::move(command));
    };
    if (is_ending) world.engine->request_stop(20s);
    publish();
    world.engine->turn();
    if (!is_ending) {
      EXPECT_TRUE(told.empty());
      world.engine->request_stop(20s);
      publish();
      world.engine->turn();
    }
    ASSERT_TRUE(world.engine->stopped());
    ASSERT_EQ(told.size(), is_ending ? 1u : 2u);
    EXPECT_EQ(std::ranges::count_if(
                  told, [](const auto& words) { return words.find("same Idempotency-Key") != words.npos; }),
              1);
    disk.faults.fail_from = 0;
    world.crash();
    EXPECT_EQ(world.store->load_events_after({}, 9)->events.size(), 1u)
        << "it was stored, as it may have been";
  }
}

TEST(StoreFails, WhoStillWaitsWhenTheTimeOfAStopIsOverIsAnswered) {
  Disk disk;
  engine::EngineSettings settings;
  settings.limits.events_per_turn = 1;
  World world(disk.options(19, settings));
  int told = 0;
  for (int n = 0; n < 5; ++n) {
    engine::PublishEvent command{.type_name = "user_registered", .data = "{}"};
    command.reply.render = [](const auto& outcome) { return engine::Reply{outcome ? 200 : 503, ""}; };
    command.reply.deliver = [&](engine::Reply&&) { ++told; };
    world.engine->commands().submit(std::move(command));
  }
  world.engine->turn();
  EXPECT_EQ(told, 1);
  world.engine->request_stop(Duration{});
  world.engine->turn();
  EXPECT_TRUE(world.engine->stopped());
  EXPECT_EQ(told, 5);
}

// Publishes one event while the write ends unknown, and says what the client was told by when.
class UnknownEnd : public testing::TestWithParam<fakes::Fault> {
 protected:
  UnknownEnd() { world_.add_endpoint("http://a.example/", {"*"}); }

  bool is_in_effect() const { return GetParam() == fakes::Fault::in_effect; }
  void publish_into_the_dark(std::uint64_t steps) {
    disk_.faults.fail_next(steps, ErrorCode::unavailable, GetParam());
    world_.publish_soon("user_registered", R"({"n":1})");
    world_.step();
  }

  Disk disk_;
  World world_{disk_.options(18)};
};

TEST_P(UnknownEnd, IsFoundOutBeforeAnybodyIsTold) {
  publish_into_the_dark(1);
  EXPECT_EQ(world_.acked.size(), is_in_effect() ? 1u : 0u);
  EXPECT_EQ(world_.refused, is_in_effect() ? 0u : 1u);
  world_.run(1s);
  EXPECT_TRUE(world_.engine->store_works());
  EXPECT_EQ(world_.sender.seen.size(), is_in_effect() ? 1u : 0u);
}

TEST_P(UnknownEnd, IsWaitedForWhileTheStoreIsAway) {
  publish_into_the_dark(3);  // and two questions that nobody answers
  EXPECT_EQ(world_.acked.size() + world_.refused, 0u) << "nobody knows yet";
  EXPECT_FALSE(world_.engine->store_works());
  const auto meanwhile = world_.publish("user_registered", "{}");
  ASSERT_TRUE(meanwhile && !*meanwhile);
  EXPECT_EQ(meanwhile->error().why, engine::Refusal::store_away);
  EXPECT_EQ(world_.acked.size() + world_.refused, 0u);
  EXPECT_TRUE(world_.sender.seen.empty()) << "nothing starts that may never have happened";
  world_.run(2s);
  EXPECT_EQ(world_.acked.size(), is_in_effect() ? 1u : 0u);
  EXPECT_EQ(world_.refused, is_in_effect() ? 0u : 1u);
  const auto after = world_.publish("user_registered", "{}");
  ASSERT_TRUE(after && *after) << "no number is used twice";
  world_.run(1s);
  EXPECT_EQ(world_.sender.seen.size(), is_in_effect() ? 2u : 1u);
}

TEST_P(UnknownEnd, OfOutcomesMakesNeitherAnAttemptMoreNorOneLess) {
  world_.sender.receivers[EndpointNumber{1}].mood = Mood::broken;
  const auto published = must_publish(world_);
  disk_.faults.fail_next(2, ErrorCode::unavailable, GetParam());  // the outcome's write and the first question
  world_.run(1s);
  const auto row = world_.find_delivery({published.seq, EndpointNumber{1}});
  ASSERT_TRUE(row);
  EXPECT_EQ(row->attempts, 1u);
  EXPECT_EQ(world_.sender.seen.size(), 1u);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 1u);
}

TEST_P(UnknownEnd, OfARegistryChangeIsNotPublishedBeforeItIsKnown) {
  disk_.faults.fail_next(2, ErrorCode::unavailable, GetParam());
  bool told = false;
  world_.put(engine::DeclareType{.name = "order.paid"}, [&] { told = true; });
  world_.step();
  EXPECT_FALSE(told);
  EXPECT_FALSE(world_.engine->registry()->type_named("order.paid"));
  world_.run(1s);
  EXPECT_EQ(told, is_in_effect());
  EXPECT_EQ(world_.engine->registry()->type_named("order.paid") != nullptr, is_in_effect());
}

TEST_P(UnknownEnd, IsWhatItIsAfterACrash) {
  publish_into_the_dark(3);
  world_.crash();
  world_.run(1s);
  EXPECT_EQ(world_.sender.seen.size(), is_in_effect() ? 1u : 0u);
  ASSERT_TRUE(*world_.publish("user_registered", "{}"));
}

INSTANTIATE_TEST_SUITE_P(Write, UnknownEnd, testing::Values(fakes::Fault::in_effect, fakes::Fault::lost),
                         [](const auto& info) {
                           return info.param == fakes::Fault::in_effect ? "InEffect" : "Lost";
                         });

TEST(StoreFails, ATurnThatIsRefusedIsDecidedAgain) {
  Disk disk;
  World world(disk.options(19));
  world.add_endpoint("http://a.example/", {"*"});
  disk.faults.fail_next(2, ErrorCode::unavailable, fakes::Fault::refused);
  const auto created = world.create({.url = *parse_url("http://b.example/"), .patterns = {"*"}});
  ASSERT_TRUE(created && *created) << "what it asked for is as it was";
  EXPECT_EQ((*created)->endpoint->events.size(), 1u);
  const auto published = must_publish(world);
  EXPECT_EQ(published.deliveries, 2u);
  disk.faults.fail_next(9, ErrorCode::unavailable, fakes::Fault::refused);
  const auto outcome = world.publish("user_registered", "{}");
  ASSERT_TRUE(outcome && !*outcome);
  EXPECT_EQ(outcome->error().why, engine::Refusal::store_away) << "not for ever";
  EXPECT_TRUE(world.engine->store_works()) << "it is no fault of the store's";
}

}  // namespace
}  // namespace exposee::sim
