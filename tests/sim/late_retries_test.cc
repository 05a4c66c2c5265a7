// Rows of retries and their events are read by another, and come in turns later: no turn reads them itself,
// and what has happened meanwhile counts.
#include <map>

#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

// Windows of rows overflow, and few events of retries are in memory.
constexpr engine::EngineLimits kTiny{
    .stopped_window = 2, .retry_window = 8, .stopped_retries = 2, .retry_events = 3};

class LateRetries : public testing::Test {
 protected:
  static constexpr EndpointNumber kNumber{1};
  static constexpr std::size_t kEvents = 30;

  LateRetries() {
    id_ = (*world_.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1min, 1min, 1min}}))->endpoint->id;
    disk_.faults.lane_read = [this] { ++(world_.backlog_reader.is_reading ? aside_ : in_turn_); };
  }
  const engine::Lane& lane() { return *world_.engine->dispatcher().find_lane(kNumber); }
  Receiver& receiver() { return world_.sender.receivers[kNumber]; }
  std::size_t owed() const { return world_.engine->dispatcher().owed(); }
  // Each has failed once and is due again; the endpoint is paused. Others arrived between them: there was no
  // outage.
  void fail_all() {
    bool fails = false;
    world_.sender.opinion = [&](const SendJob&) {
      return fails ? std::optional(Mood::broken) : std::nullopt;
    };
    for (std::size_t i = 0; i < 2 * kEvents; ++i) {
      fails = i % 2 == 0;
      const auto event = must_publish(world_).seq;
      if (fails) events_.push_back(event);
      world_.run(10ms);
    }
    world_.sender.opinion = {};
    world_.update({.id = id_, .settings = pausing(true)});
    world_.run(2min);
    ASSERT_EQ(owed(), kEvents);
  }
  // It goes on, and the first read for it is out.
  void go_on() {
    world_.update({.id = id_, .settings = pausing(false)});
    for (int turns = 0; turns < 100 && !world_.backlog_reader.next_event(); ++turns) world_.run(1us);
    ASSERT_TRUE(world_.backlog_reader.next_event());
  }
  // No more may be under way, and the events of the next ones are here.
  void hold_some() {
    receiver().mood = Mood::hanging;
    go_on();
    for (int n = 0; n < 10'000 && lane().retries.held() == 0; ++n) world_.run(1ms);
    ASSERT_GT(lane().retries.held(), 0u);
  }
  std::map<EventId, int> successes() const {
    std::map<EventId, int> times;
    for (const auto& seen : world_.sender.seen) times[seen.event] += seen.status / 100 == 2;
    return times;
  }
  void expect_each_once(std::size_t others = kEvents) {
    world_.run(10min);
    const auto times = successes();
    EXPECT_EQ(times.size(), kEvents + others);
    for (const auto& [event, count] : times) EXPECT_EQ(count, 1);
    EXPECT_EQ(owed(), 0u);
  }

  Disk disk_;
  World world_{disk_.with_late_reads(kTiny)};
  EndpointId id_;
  std::vector<EventSeq> events_;
  std::size_t in_turn_ = 0, aside_ = 0;  // reads for lanes
};

TEST_F(LateRetries, ComeOnceEach) {
  fail_all();
  go_on();
  expect_each_once();
}

// Also what is asked for by hand, and what a start finds; not what is brought forward, which is read as it is
// changed.
TEST_F(LateRetries, AreReadByNoTurn) {
  fail_all();
  go_on();
  world_.run(10min);
  for (const auto event : events_) world_.put(engine::RetryDelivery{.key = {event, kNumber}});
  world_.run(1min);
  EXPECT_EQ(owed(), 0u);
  EXPECT_EQ(in_turn_, 0u);
  EXPECT_GT(aside_, kEvents / kTiny.retry_window);
}

TEST_F(LateRetries, StartOnlyWithTheirEvents) {
  fail_all();
  world_.backlog_reader.is_slow = true;
  world_.backlog_reader.slow_are_all = true;
  go_on();
  const auto before = world_.sender.seen.size();
  world_.run(1h);
  EXPECT_EQ(world_.sender.seen.size(), before);
  EXPECT_EQ(world_.engine->dispatcher().flights(), 0u) << "nor do they take a place meanwhile";
  must_publish(world_);
  world_.run(1s);
  EXPECT_EQ(world_.sender.seen.size(), before + 1) << "nor do they hold up others";
}

TEST_F(LateRetries, ThatWereAttemptedByHandMeanwhileComeOnce) {
  fail_all();
  go_on();
  for (const auto event : events_) world_.put(engine::RetryDelivery{.key = {event, kNumber}});
  expect_each_once();
}

TEST_F(LateRetries, OfAnEndpointThatWasDisabledMeanwhileEnd) {
  fail_all();
  go_on();
  world_.update({.id = id_, .disabled = true});
  world_.run(1min);
  world_.update({.id = id_, .disabled = false});
  must_publish(world_);
  world_.run(10min);
  EXPECT_EQ(owed(), 0u);
  std::size_t cancelled = 0;
  for (const auto event : events_)
    cancelled += status_of(world_, event, kNumber) == DeliveryStatus::cancelled;
  EXPECT_GT(cancelled, kEvents - kTiny.retry_window);
}

TEST_F(LateRetries, OfATypeThatWasUnsubscribedMeanwhileEnd) {
  fail_all();
  go_on();
  world_.update({.id = id_, .patterns = std::vector<std::string>{"user_send_message"}});
  const auto before = world_.sender.seen.size();
  world_.run(10min);
  EXPECT_LT(world_.sender.seen.size(), before + kTiny.retry_events + 1);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(LateRetries, WhoseEventsAreHereAreAskedOfAgainWhenSubscriptionsChange) {
  fail_all();
  hold_some();
  world_.update({.id = id_, .patterns = std::vector<std::string>{"user_send_message"}});
  EXPECT_EQ(lane().retries.held(), 0u);
  const auto before = world_.sender.seen.size();
  world_.run(10min);
  EXPECT_EQ(world_.sender.seen.size(), before);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(LateRetries, OfEventsThatCannotBeReadEnd) {
  fail_all();
  disk_.faults.unreadable = [this](EventSeq event) { return event == events_[3]; };
  go_on();
  world_.run(10min);
  EXPECT_EQ(status_of(world_, events_[3], kNumber), DeliveryStatus::exhausted);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(LateRetries, OfAnEndpointThatIsPausedKeepNoEvents) {
  fail_all();
  hold_some();
  EXPECT_LE(lane().retries.held(), kTiny.retry_events);
  world_.update({.id = id_, .settings = pausing(true)});
  EXPECT_EQ(lane().retries.held(), 0u);
  world_.run(1min);
  EXPECT_EQ(world_.engine->dispatcher().held_bytes(), 0u);
}

TEST_F(LateRetries, OfAnEndpointThatMayNotStartAreAHandful) {
  fail_all();
  EXPECT_EQ(lane().retries.size(), kTiny.stopped_retries) << "it is paused";
  hold_some();
  EXPECT_GT(lane().retries.size(), kTiny.stopped_retries);
  world_.update({.id = id_, .settings = pausing(true)});
  EXPECT_EQ(lane().retries.size(), kTiny.stopped_retries);
  receiver().mood = Mood::fine;
  world_.update({.id = id_, .settings = pausing(false)});
  world_.run(10min);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(LateRetries, ThatNeverComeBecauseTheProcessEndsAreReadAgain) {
  fail_all();
  go_on();
  world_.crash();
  world_.run(10min);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(LateRetries, ThatCannotBeReadHoldUpNobodyElse) {
  fail_all();
  world_.backlog_reader.fails = true;
  go_on();
  for (int n = 0; n < 20; ++n) {
    must_publish(world_);
    ASSERT_TRUE(world_.engine->store_works());
    world_.run(1s);
  }
  EXPECT_EQ(world_.observer.troubles.size(), 1u) << "it is told once";
  world_.backlog_reader.fails = false;
  expect_each_once(kEvents + 20);
}

}  // namespace
}  // namespace exposee::sim
