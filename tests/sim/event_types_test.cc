// Event types that are removed and declared again: history stays right, and so does what is owed.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;
using engine::Refusal;

constexpr EndpointNumber kFirst{1}, kSecond{2};
const std::string kType = "order.paid";

class EventTypes : public testing::Test {
 protected:
  EventTypes() {
    world.declare(kType);
    world.add_endpoint("http://a.example/", {"order.*"}, RetrySchedule{{1h}});
  }
  void be(Mood mood) { world.sender.receivers[kFirst].mood = mood; }
  void remove() {
    const auto outcome = world.remove_type(kType);
    ASSERT_TRUE(outcome && *outcome);
  }
  Refusal removal_refused(const std::string& type, engine::TypeCondition only_if = {}) {
    const auto outcome = world.remove_type(type, std::move(only_if));
    EXPECT_TRUE(outcome && !*outcome);
    return outcome->error().why;
  }
  Refusal publishing_refused(const std::string& type) {
    const auto outcome = world.publish(type, "{}");
    EXPECT_TRUE(outcome && !*outcome);
    return outcome->error().why;
  }
  std::shared_ptr<const engine::RegistrySnapshot> registry() { return world.engine->registry(); }

  Disk disk;
  World world{disk.options(61)};
};

TEST_F(EventTypes, ARemovedOneRefusesEventsLikeOneThatNeverWas) {
  remove();
  EXPECT_EQ(publishing_refused(kType), Refusal::unknown_type);
  EXPECT_EQ(publishing_refused("never.declared"), Refusal::unknown_type);
  EXPECT_FALSE(registry()->type_named(kType));
  world.crash();
  EXPECT_EQ(publishing_refused(kType), Refusal::unknown_type) << "also after a crash";
}

TEST_F(EventTypes, WhatWasAcceptedBeforeTheRemovalIsDeliveredUnderItsNameAlsoAfterACrash) {
  be(Mood::broken);
  const auto owed = must_publish(world, kType);
  world.run(1s);
  const auto at_once = must_publish(world, kType);
  remove();
  world.crash();
  be(Mood::fine);
  world.run(3h);
  for (const auto& event : {owed, at_once}) {
    EXPECT_EQ(status_of(world, event.seq, kFirst), DeliveryStatus::succeeded);
  }
  EXPECT_NE(world.sender.seen.back().body.find(R"({"event":"order.paid")"), std::string::npos);
  const auto* type = registry()->any_type_named(kType);
  ASSERT_TRUE(type && type->removed_at);
  EXPECT_EQ(registry()->type_numbered(type->number)->name, kType) << "lists find the name";
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

TEST_F(EventTypes, ADeliveryOfARemovedOneIsRetriedByHand) {
  const auto event = must_publish(world, kType);
  world.run(1s);
  remove();
  ASSERT_TRUE(*world.retry({event.seq, kFirst}));
  world.run(1s);
  EXPECT_EQ(world.sender.seen.size(), 2u);
}

TEST_F(EventTypes, OneDeclaredAgainHasItsNumberAndReachesWhoWantsItNow) {
  const auto number = registry()->type_named(kType)->number;
  remove();
  world.add_endpoint("http://b.example/", {kType});
  world.crash();
  world.declare(kType);
  EXPECT_EQ(registry()->type_named(kType)->number, number);
  EXPECT_TRUE(registry()->removed_types.empty());
  EXPECT_EQ(must_publish(world, kType).deliveries, 2u);
  world.run(1s);
  EXPECT_EQ(world.sender.seen.size(), 2u);
  world.crash();
  EXPECT_EQ(must_publish(world, kType).deliveries, 2u);
}

TEST_F(EventTypes, AnEndpointThatStopsWantingARemovedOneIsNotSentItsEventsWhenItIsDeclaredAgain) {
  remove();
  world.update({.id = registry()->endpoint_numbered(EndpointNumber{1})->id, .patterns = std::vector<std::string>{"user_registered"}});
  world.declare(kType);
  EXPECT_EQ(must_publish(world, kType).deliveries, 0u);
}

TEST_F(EventTypes, AnEndpointMadeMeanwhileIsOwedNothingThatWasAcceptedBefore) {
  be(Mood::broken);
  const auto before = must_publish(world, kType);
  remove();
  world.add_endpoint("http://b.example/", {kType});
  world.crash();
  world.run(1s);
  EXPECT_FALSE(world.find_delivery({before.seq, kSecond}));
}

TEST_F(EventTypes, RemovalIsRefusedForTheBuiltInAndTheUnknownAndWhereTheCallersConditionFails) {
  EXPECT_EQ(removal_refused("user_registered"), Refusal::type_built_in);
  EXPECT_EQ(removal_refused("user_send_message"), Refusal::type_built_in);
  EXPECT_EQ(removal_refused("never.declared"), Refusal::unknown_type);
  EXPECT_EQ(removal_refused(kType, [](const EventType&) { return false; }), Refusal::changed);
  remove();
  EXPECT_EQ(removal_refused(kType), Refusal::unknown_type) << "it is gone already";
}

TEST_F(EventTypes, EveryRemovalAndDeclarationRaisesTheVersion) {
  const auto declared = registry()->version;
  remove();
  EXPECT_EQ(registry()->version.value, declared.value + 1);
  world.declare(kType);
  EXPECT_EQ(registry()->version.value, declared.value + 2);
  world.crash();
  EXPECT_EQ(registry()->version.value, declared.value + 2);
}

TEST_F(EventTypes, ARemovalThatIsNotWrittenHasNotHappened) {
  disk.faults.fail_next(3, ErrorCode::unavailable);
  EXPECT_EQ(removal_refused(kType), Refusal::store_away);
  EXPECT_TRUE(registry()->type_named(kType));
  world.run(5s);
  EXPECT_EQ(must_publish(world, kType).deliveries, 1u);
}

TEST_F(EventTypes, TheLimitCountsRemovedOnesWhoseNamesCanAlwaysBeDeclaredAgain) {
  remove();
  for (auto n = registry()->types.size() + 1; n < engine::kMaxEventTypes; ++n) {
    world.declare("t" + std::to_string(n));
  }
  const auto refused = world.try_to_declare("one.more");
  ASSERT_TRUE(refused && !*refused);
  EXPECT_EQ(refused->error().why, Refusal::too_many);
  world.declare(kType);
  EXPECT_EQ(registry()->types.size(), engine::kMaxEventTypes);
}

TEST_F(EventTypes, ALoopOfDeclaringAndRemovingNewNamesEndsAtTheLimit) {
  std::size_t declared = 0;
  for (std::size_t n = 0; n < engine::kMaxEventTypes + 10; ++n) {
    const auto name = "loop" + std::to_string(n);
    const auto outcome = world.try_to_declare(name);
    if (!*outcome) continue;
    ++declared;
    world.remove_type(name);
  }
  EXPECT_EQ(declared + 3, engine::kMaxEventTypes);
}

}  // namespace
}  // namespace exposee::sim
