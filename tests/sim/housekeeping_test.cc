// What is done beside the turns fails alone.
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

engine::EngineSettings keeping_an_hour() {
  engine::EngineSettings settings;
  settings.retention = 1h;
  return settings;
}

class Housekeeping : public testing::Test {
 protected:
  Housekeeping() {
    id_ = (*world_.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1h}}))->endpoint->id;
  }
  void put_disabled(bool disabled) {
    world_.put(engine::UpdateEndpoint{.id = id_, .disabled = disabled}, [this] { ++told_; });
  }
  std::uint64_t events() { return world_.store->load_events_after({}, 1'000'000)->events.size(); }

  static constexpr EndpointNumber kNumber{1};
  Disk disk_;
  World world_{disk_.options(1, keeping_an_hour())};
  EndpointId id_;
  int told_ = 0;
};

TEST_F(Housekeeping, RetentionThatFailsStopsNobodyElseAndIsToldOnce) {
  disk_.faults.retention_fails = [] { return true; };
  must_publish(world_);
  world_.run(24h);
  EXPECT_TRUE(world_.engine->store_works());
  EXPECT_EQ(world_.observer.failures, 0);
  EXPECT_EQ(world_.observer.chores, "retention! ");
  EXPECT_EQ(events(), 1u);
  must_publish(world_);
  world_.run(1s);
  EXPECT_EQ(world_.sender.seen.size(), 2u);
  disk_.faults.retention_fails = {};
  world_.run(2h);
  EXPECT_EQ(world_.observer.chores, "retention! retention ");
  EXPECT_EQ(events(), 0u);
}

// Nobody gets back what a clock that was wrong for an hour has removed.
TEST_F(Housekeeping, AClockThatJumpsAheadForAWhileRemovesNothing) {
  const auto published = must_publish(world_);
  engine::PublishEvent command{.type_name = "user_registered", .data = "{}"};
  command.claim = {"a key of thirty-two bytes, or so.", "{}"};
  world_.put(std::move(command));
  world_.run(1min);
  world_.clock.set_wrong_by(60 * 24h);
  world_.run(30min);
  EXPECT_EQ(events(), 2u);
  EXPECT_EQ(disk_.data->state.replies.size(), 1u) << "D12: for 24 h";
  world_.clock.set_wrong_by({});
  world_.run(20min);
  EXPECT_EQ(events(), 2u);
  world_.run(15min);
  EXPECT_FALSE(disk_.data->state.events.contains(published.seq)) << "D13: then it is old";
  EXPECT_EQ(disk_.data->state.replies.size(), 1u);
  world_.run(24h);
  EXPECT_TRUE(disk_.data->state.replies.empty());
}

TEST_F(Housekeeping, AClockThatStaysAheadIsBelievedAfterADayOrTwo) {
  world_.clock.set_wrong_by(-60 * 24h);
  world_.run(1min);
  must_publish(world_);
  world_.clock.set_wrong_by({});
  world_.run(24h);
  must_publish(world_);
  world_.run(24h + 2min);
  EXPECT_EQ(events(), 0u);
}

TEST_F(Housekeeping, RetentionThatFailsIsTriedLessAndLess) {
  disk_.faults.retention_fails = [] { return true; };
  world_.run(10min);
  const auto first = disk_.faults.expires;
  EXPECT_GT(first, 5u);
  EXPECT_LT(first, 12u);
  world_.run(10h);
  EXPECT_NEAR(static_cast<double>(disk_.faults.expires - first), 60.0, 2.0) << "every ten minutes";
}

TEST_F(Housekeeping, RetentionGoesOnWhileNothingElseCanBeWritten) {
  must_publish(world_);
  world_.run(2h);
  for (int i = 0; i < 3; ++i) must_publish(world_);
  world_.run(30min);
  ASSERT_EQ(events(), 3u);
  disk_.faults.refuses = [](const Turn&) { return true; };
  disk_.faults.code = ErrorCode::full;
  world_.publish("user_registered", "{}");
  world_.run(1h);
  EXPECT_FALSE(world_.engine->store_works());
  EXPECT_EQ(events(), 0u) << "so that there is room again";
}

TEST_F(Housekeeping, WhoComesAndGoesLeavesNoSubscriptionsOnceNothingOfTheirTimeIsKept) {
  must_publish(world_);
  for (int n = 0; n < 40; ++n) {
    put_disabled(n % 2 == 0);
    world_.run(1s);
    if (n == 20) must_publish(world_);
  }
  world_.run(10min);
  const auto& subscriptions = disk_.data->state.subscriptions;
  EXPECT_EQ(subscriptions.size(), 2u) << "the one that is open, and that of the first event";
  world_.run(2h);
  EXPECT_EQ(events(), 0u);
  EXPECT_EQ(subscriptions.size(), 1u);
  put_disabled(true);
  world_.run(3min);
  EXPECT_TRUE(subscriptions.empty());
}

TEST_F(Housekeeping, AnEndpointIsEnabledOnceWhatItWasOwedHasEnded) {
  world_.sender.receivers[kNumber].mood = Mood::broken;
  constexpr auto kEvents = 2 * engine::kUsualLimits.cancel_step + 100;  // three steps
  for (std::uint64_t n = 0; n < kEvents; ++n) world_.publish_soon("user_registered", "{}");
  world_.run(30min);
  world_.sender.receivers[kNumber].mood = Mood::hanging;
  for (const auto& acked : world_.acked) ASSERT_TRUE(*world_.retry({acked.seq, kNumber}));
  put_disabled(true);
  put_disabled(false);
  world_.step();
  EXPECT_EQ(told_, 1) << "that it is enabled is told when it is";
  const auto refused = world_.retry({world_.acked[0].seq, kNumber});
  EXPECT_FALSE(refused) << "it waits behind that";
  for (int n = 0; n < 5; ++n) world_.step();
  EXPECT_EQ(told_, 2);
  for (const auto& acked : world_.acked) {
    if (acked.seq == world_.acked[0].seq) continue;
    ASSERT_EQ(status_of(world_, acked.seq, kNumber), DeliveryStatus::cancelled);
  }
  EXPECT_EQ(status_of(world_, world_.acked[0].seq, kNumber), DeliveryStatus::pending)
      << "asked for afterwards";
}

TEST_F(Housekeeping, AnEndpointIsEnabledAlsoWhenItsRowsCannotBeEnded) {
  disk_.faults.cancelling_fails = [] { return true; };
  world_.sender.receivers[kNumber].mood = Mood::broken;
  must_publish(world_);
  world_.run(1s);
  put_disabled(true);
  put_disabled(false);
  world_.run(1s);
  EXPECT_EQ(told_, 2);
  EXPECT_EQ(world_.observer.chores, "cancelling deliveries! ");
  disk_.faults.cancelling_fails = {};
  const auto published = must_publish(world_);
  world_.run(1min);
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::pending) << "what is new is not ended";
}

// Else what was asked for by hand before would count again, and be sent after the next start.
TEST_F(Housekeeping, AnEndpointIsNotEnabledWhileTheStoreFailsToEndItsRows) {
  world_.sender.receivers[kNumber].mood = Mood::broken;
  const auto published = must_publish(world_);
  world_.run(1s);
  world_.sender.receivers[kNumber].mood = Mood::hanging;
  ASSERT_TRUE(*world_.retry({published.seq, kNumber}));
  disk_.faults.bad_chores = std::numeric_limits<std::uint64_t>::max();
  put_disabled(true);
  world_.run(1h);
  put_disabled(false);
  world_.run(1s);
  EXPECT_EQ(told_, 1) << "it is refused";
  disk_.faults.bad_chores = 0;
  put_disabled(false);
  world_.run(1s);
  EXPECT_EQ(told_, 1) << "once more, and its rows end";
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::cancelled);
  put_disabled(false);
  world_.step();
  EXPECT_EQ(told_, 2);
  world_.stop_and_restart();
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::cancelled);
}

TEST_F(Housekeeping, WhatHadSucceededBeforeItWasRetriedByHandStaysSo) {
  const auto published = must_publish(world_);
  world_.run(1s);
  ASSERT_TRUE(*world_.update({.id = id_, .settings = setting_change(&EndpointSettings::max_in_flight, 1u)}));
  world_.sender.receivers[kNumber].mood = Mood::hanging;
  must_publish(world_);
  world_.run(1s);
  ASSERT_TRUE(*world_.retry({published.seq, kNumber}));
  ASSERT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::pending)
      << "the other is in its place";
  put_disabled(true);
  world_.run(1min);
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::succeeded);
}

// Its endpoint is disabled meanwhile, and nothing else is owed.
TEST_F(Housekeeping, AnAttemptThatEndsAfterItsEventHasGoneLeavesNothing) {
  world_.update({.id = id_, .settings = setting_change(&EndpointSettings::schedule, RetrySchedule{{10h}})});
  world_.sender.receivers[kNumber].mood = Mood::broken;
  const auto published = must_publish(world_);
  world_.run(61min);
  const auto looks = disk_.faults.expires;
  while (disk_.faults.expires == looks) world_.run(1s);
  world_.run(50s);  // before the next look
  world_.sender.receivers[kNumber].mood = Mood::hanging;
  ASSERT_TRUE(*world_.retry({published.seq, kNumber}));
  put_disabled(true);
  world_.run(12s);
  ASSERT_EQ(events(), 0u);
  ASSERT_EQ(world_.sender.under_way(), 1u);
  world_.run(1min);
  EXPECT_EQ(world_.sender.under_way(), 0u);
  EXPECT_TRUE(disk_.data->state.attempts.empty());
  EXPECT_TRUE(disk_.data->state.rows.empty());
}

TEST_F(Housekeeping, ARemovedEndpointGoesOnceItsEventsHaveGone) {
  const auto other = (*world_.add_endpoint("http://b.example/", {"*"}))->endpoint->id;
  const auto published = must_publish(world_);
  world_.run(1s);
  ASSERT_TRUE(*world_.remove(id_));
  world_.run(30min);
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::succeeded);
  EXPECT_TRUE(world_.engine->registry()->any_endpoint_with(id_)) << "its history is shown";
  world_.run(2h);
  EXPECT_FALSE(world_.engine->registry()->any_endpoint_with(id_));
  EXPECT_EQ(world_.store->load_start()->endpoints.size(), 1u);
  world_.stop_and_restart();
  EXPECT_TRUE(world_.observer.troubles.empty()) << "it is not missed";
  must_publish(world_);
  world_.run(1s);
  EXPECT_EQ(world_.sender.seen.size(), 3u);
  EXPECT_TRUE(world_.engine->registry()->endpoint_with(other));
  EXPECT_EQ((*world_.add_endpoint("http://a.example/", {"*"}))->endpoint->number, EndpointNumber{3});
}

// A paused endpoint's backlog of two types, one of which it unsubscribes.
class CutOff : public Housekeeping {
 protected:
  static constexpr std::size_t kEvents = 600;

  CutOff() {
    world_.update({.id = id_, .patterns = both_, .settings = pausing(true)});
    for (std::size_t n = 0; n < kEvents; ++n)
      world_.publish_soon(n % 2 == 0 ? "user_registered" : "user_send_message", "{}");
    world_.run(30s);
  }
  void unsubscribe() {
    ASSERT_TRUE(*world_.update({.id = id_, .patterns = std::vector<std::string>{"user_send_message"}}));
  }
  void expect_that_only_what_is_owed_is_kept() {
    world_.run(2h);
    EXPECT_EQ(events(), kEvents / 2);
    EXPECT_EQ(world_.engine->dispatcher().owed(), kEvents / 2);
    world_.update({.id = id_, .settings = pausing(false)});
    world_.run(1min);
    EXPECT_EQ(world_.sender.seen.size(), kEvents / 2);
    EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
  }
  const std::vector<std::string> both_{"user_registered", "user_send_message"};
};

TEST_F(CutOff, WhatWasUnsubscribedHoldsNoEventUntilItIsRead) {
  ASSERT_GT(world_.store->load_start()->packs.size(), 0u);
  unsubscribe();
  expect_that_only_what_is_owed_is_kept();
}

TEST_F(CutOff, NorDoesItAfterACrash) {
  unsubscribe();
  world_.crash();
  EXPECT_TRUE(world_.observer.troubles.empty());
  expect_that_only_what_is_owed_is_kept();
}

TEST_F(CutOff, NorDoesWhatIsSubscribedAnew) {
  unsubscribe();
  world_.update({.id = id_, .patterns = both_});
  expect_that_only_what_is_owed_is_kept();
}

// Some were attempted, and wait for their next attempt.
TEST_F(CutOff, NorDoWhatRetriesOfItWaitFor) {
  world_.sender.receivers[kNumber].mood = Mood::broken;
  world_.update({.id = id_, .settings = pausing(false)});
  world_.run(1s);
  world_.update({.id = id_, .settings = pausing(true)});
  const auto begun = world_.sender.seen.size();
  ASSERT_GT(begun, 1u);
  world_.run(1min);
  unsubscribe();
  world_.run(1min);
  std::size_t cancelled = 0;
  for (const auto& event : world_.acked)
    cancelled += status_of(world_, event.seq, kNumber) == DeliveryStatus::cancelled;
  EXPECT_EQ(cancelled, kEvents / 2);
  EXPECT_EQ(world_.engine->dispatcher().owed(), kEvents / 2);
  world_.run(2h);
  EXPECT_EQ(events(), kEvents / 2);
}

TEST_F(CutOff, NorDoTheyAfterACrash) {
  world_.sender.receivers[kNumber].mood = Mood::broken;
  world_.update({.id = id_, .settings = pausing(false)});
  world_.run(1s);
  world_.update({.id = id_, .settings = pausing(true)});
  world_.run(1min);
  unsubscribe();
  world_.crash();
  world_.run(2h);
  EXPECT_EQ(events(), kEvents / 2);
  EXPECT_EQ(world_.engine->dispatcher().owed(), kEvents / 2);
}

TEST_F(CutOff, NothingIsLookedThroughThatLosesNothing) {
  const auto packs = world_.store->load_start()->packs.size();
  ASSERT_TRUE(*world_.update(
      {.id = id_, .patterns = std::vector<std::string>{"user_registered", "user_send_message", "other"}}));
  world_.run(1min);
  EXPECT_EQ(disk_.faults.most_sifted, 0u);
  EXPECT_EQ(world_.store->load_start()->packs.size(), packs);
}

TEST_F(CutOff, WhatCannotBeLookedThroughIsToldOnceAndHoldsUpNobodyElse) {
  const EndpointNumber other{2};
  const auto created = world_.create(
      {.url = *parse_url("http://b.example/"), .patterns = both_, .settings = {.paused = true}});
  const auto id = (*created)->endpoint->id;
  for (std::size_t n = 0; n < kEvents; ++n)
    world_.publish_soon(n % 2 == 0 ? "user_registered" : "user_send_message", "{}");
  world_.run(30s);
  disk_.faults.damaged_rows = [](EndpointNumber number) { return number == kNumber; };
  unsubscribe();
  ASSERT_TRUE(*world_.update({.id = id, .patterns = std::vector<std::string>{"user_send_message"}}));
  world_.run(500ms);
  EXPECT_EQ(world_.engine->dispatcher().find_lane(other)->owed.count, kEvents / 2);
  world_.run(10min);
  EXPECT_EQ(world_.observer.chores, "sifting backlogs! ");
  disk_.faults.damaged_rows = {};
  world_.run(20min);
  EXPECT_EQ(world_.observer.chores, "sifting backlogs! sifting backlogs ");
}

TEST_F(CutOff, ADisabledEndpointKeepsNothing) {
  ASSERT_TRUE(*world_.update({.id = id_, .disabled = true}));
  world_.run(2h);
  EXPECT_EQ(events(), 0u);
}

TEST_F(CutOff, ARemovedEndpointKeepsNothingAndGoes) {
  world_.add_endpoint("http://b.example/", {"user_registered"});
  ASSERT_TRUE(*world_.remove(id_));
  world_.run(2h);
  EXPECT_EQ(events(), 0u);
  EXPECT_FALSE(world_.engine->registry()->any_endpoint_with(id_));
}

// Whoever keeps something of a snapshot makes it anew for each one.
TEST_F(Housekeeping, ManyThatAreForgottenCostOneSnapshotOfTheRegistry) {
  constexpr std::size_t kMany = 5 * engine::kUsualLimits.forget_step;
  std::vector<EndpointId> ids;
  for (std::size_t n = 0; n < kMany; ++n)
    ids.push_back((*world_.add_endpoint("http://h" + std::to_string(n) + ".example/", {"*"}))->endpoint->id);
  for (const auto& id : ids) world_.put(engine::RemoveEndpoint{.id = id});
  world_.step();
  auto last = world_.engine->registry();
  int snapshots = 0;
  for (int n = 0; n < 2'000; ++n) {
    world_.run(1ms);
    const auto now = world_.engine->registry();
    snapshots += now != last;
    last = now;
  }
  EXPECT_EQ(snapshots, 1);
  EXPECT_FALSE(last->any_endpoint_with(ids.front()));
  EXPECT_EQ(world_.store->load_start()->endpoints.size(), 2u) << "the last keeps its number";
}

TEST_F(Housekeeping, OneThatCannotBeForgottenIsToldOnceAndHoldsUpNoOther) {
  constexpr std::uint64_t kMany = engine::kUsualLimits.forget_step + 8;
  constexpr EndpointNumber kDamaged{5};
  for (std::uint64_t n = 0; n < kMany; ++n) {
    const auto added = *world_.add_endpoint("http://h" + std::to_string(n) + ".example/", {"*"});
    ASSERT_TRUE(*world_.remove(added->endpoint->id));
  }
  disk_.faults.damaged_rows = [kDamaged](EndpointNumber number) { return number == kDamaged; };
  world_.run(10min);
  EXPECT_EQ(world_.store->load_start()->endpoints.size(), 3u) << "the first, the damaged one and the last";
  EXPECT_EQ(world_.observer.chores, "forgetting removed endpoints! ");
  disk_.faults.damaged_rows = {};
  world_.run(20min);
  EXPECT_EQ(world_.store->load_start()->endpoints.size(), 2u);
  EXPECT_EQ(world_.observer.chores, "forgetting removed endpoints! forgetting removed endpoints ");
}

TEST_F(Housekeeping, EndpointsThatComeAndGoLeaveNothing) {
  constexpr int kMany = 100;
  for (int n = 0; n < kMany; ++n) {
    const auto added = *world_.add_endpoint("http://short.example/", {"*"});
    ASSERT_TRUE(*world_.remove(added->endpoint->id));
  }
  world_.run(5min);
  EXPECT_EQ(world_.store->load_start()->endpoints.size(), 2u) << "the last keeps its number";
  must_publish(world_);
  world_.run(1s);
  EXPECT_EQ(world_.sender.seen.size(), 1u);
  world_.stop_and_restart();
  EXPECT_TRUE(world_.observer.troubles.empty());
  EXPECT_EQ((*world_.add_endpoint("http://short.example/", {"*"}))->endpoint->number,
            EndpointNumber{kMany + 2});
}

}  // namespace
}  // namespace exposee::sim
