// What waits for an endpoint is read by another, and comes in turns later. What has happened meanwhile
// counts.
#include <map>
#include <set>

#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

constexpr engine::EngineLimits kTiny{
    .window = 8, .stopped_window = 3, .read_step = 8, .reads_per_turn = 8, .pack_bytes = 10};

class LateReads : public testing::Test {
 protected:
  static constexpr EndpointNumber kNumber{1};
  static constexpr std::size_t kEvents = 40;

  LateReads() {
    id_ = (*world_.add_endpoint("http://a.example/", {"*"}))->endpoint->id;
    world_.update({.id = id_, .settings = pausing(true)});
    for (std::size_t i = 0; i < kEvents; ++i) events_.push_back(must_publish(world_).seq);
    world_.run(30s);
  }
  // It goes on, and the first read of what waits for it is out.
  void go_on() {
    world_.update({.id = id_, .settings = pausing(false)});
    for (int turns = 0; turns < 100 && !world_.backlog_reader.next_event(); ++turns) world_.run(1us);
    ASSERT_TRUE(world_.backlog_reader.next_event());
  }
  std::map<EventId, int> received() const {
    std::map<EventId, int> times;
    for (const auto& seen : world_.sender.seen) ++times[seen.event];
    return times;
  }
  void expect_each_once(std::size_t events) {
    world_.run(1min);
    const auto times = received();
    EXPECT_EQ(times.size(), events);
    for (const auto& [event, count] : times) EXPECT_EQ(count, 1);
    EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
  }

  Disk disk_;
  World world_{disk_.with_late_reads(kTiny)};
  EndpointId id_;
  std::vector<EventSeq> events_;
};

TEST_F(LateReads, BringEverythingOnce) {
  go_on();
  expect_each_once(kEvents);
}

TEST_F(LateReads, BringNothingThatWasAttemptedByHandMeanwhile) {
  go_on();
  for (const auto event : events_) world_.retry({event, kNumber});
  expect_each_once(kEvents);
}

TEST_F(LateReads, OfAnEndpointThatWasDisabledMeanwhileAreVoid) {
  go_on();
  world_.update({.id = id_, .disabled = true});
  world_.update({.id = id_, .disabled = false});
  world_.run(1min);
  const auto begun = received().size();
  EXPECT_LT(begun, kEvents);
  must_publish(world_);
  expect_each_once(begun + 1);
}

TEST_F(LateReads, OfATypeThatWasUnsubscribedMeanwhileAreLeftOut) {
  go_on();
  world_.update({.id = id_, .patterns = std::vector<std::string>{"user_send_message"}});
  world_.run(1min);
  EXPECT_LT(received().size(), kEvents);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

// What a damaged event says of its type is not believed: it ends as damaged.
TEST_F(LateReads, OfATypeThatWasUnsubscribedMeanwhileEndAlsoWhenTheyAreDamaged) {
  disk_.faults.damaged_body = [](EventSeq) { return true; };
  world_.backlog_reader.as_asked = true;
  go_on();
  world_.update({.id = id_, .patterns = std::vector<std::string>{"user_send_message"}});
  world_.run(1min);
  for (const auto event : events_) {
    const auto status = status_of(world_, event, kNumber);
    EXPECT_NE(status, DeliveryStatus::pending);
  }
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

TEST_F(LateReads, OfEventsThatAreDamagedEndThemInTheVeryTurnInWhichTheyCome) {
  disk_.faults.damaged_body = [](EventSeq) { return true; };
  world_.backlog_reader.as_asked = true;
  go_on();
  const auto owed = world_.engine->dispatcher().owed();
  world_.clock.advance_to(*world_.backlog_reader.next_event());
  world_.step();
  std::size_t ended = 0;
  for (const auto event : events_) ended += status_of(world_, event, kNumber) == DeliveryStatus::exhausted;
  EXPECT_GT(ended, 0u) << "marks of this turn may pass them";
  EXPECT_LT(world_.engine->dispatcher().owed(), owed);
}

TEST_F(LateReads, OfPacksThatWereDroppedMeanwhileAreNoDamage) {
  for (int n = 0; n < 10; ++n) {
    go_on();
    world_.update({.id = id_, .disabled = true});
    world_.run(1min);
    world_.update({.id = id_, .settings = pausing(true), .disabled = false});
    for (std::size_t i = 0; i < kEvents; ++i) world_.publish_soon("user_registered", "{}");
    world_.run(30s);
  }
  EXPECT_TRUE(world_.observer.troubles.empty());
}

TEST_F(LateReads, OfPacksThatAreMissingBringEverythingAllTheSameAndAreTold) {
  disk_.faults.lost_pack = [](const PackKey&) { return true; };
  go_on();
  expect_each_once(kEvents);
  const auto& told = world_.observer.troubles;
  EXPECT_GT(told.size(), 1u);
  EXPECT_EQ(std::set(told.begin(), told.end()).size(), told.size()) << "each once";
}

TEST_F(LateReads, ThatAreOutHoldUpNoRowsOfRetries) {
  constexpr std::size_t kMany = 2 * engine::kUsualLimits.retry_window + 50;
  const EndpointNumber other{2};
  world_.add_endpoint("http://b.example/", {"user_send_message"});
  for (std::size_t i = 0; i < kMany; ++i) world_.publish_soon("user_send_message", "{}");
  world_.run(10s);
  const auto first = world_.acked.size() - kMany;
  const auto to_other = [&] {
    return static_cast<std::size_t>(std::ranges::count(world_.sender.seen, other, &Seen::endpoint));
  };
  ASSERT_EQ(to_other(), kMany);
  world_.backlog_reader.is_slow = true;
  go_on();
  for (std::size_t i = first; i < world_.acked.size(); ++i)
    world_.put(engine::RetryDelivery{.key = {world_.acked[i].seq, other}});
  world_.run(1min);
  EXPECT_EQ(to_other(), 2 * kMany);
  EXPECT_TRUE(world_.backlog_reader.next_event()) << "all the while";
}

TEST_F(LateReads, ThatNeverComeBecauseTheProcessEndsAreMadeAgain) {
  go_on();
  world_.crash();
  world_.run(1min);
  EXPECT_EQ(received().size(), kEvents);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

TEST_F(LateReads, HoldUpNoStop) {
  go_on();
  world_.stop_and_restart();
  expect_each_once(kEvents);
}

TEST_F(LateReads, ThatFailHoldUpNobodyElse) {
  world_.backlog_reader.fails = true;
  go_on();
  const auto commits = world_.engine->totals().commits;
  for (int n = 0; n < 20; ++n) {
    must_publish(world_);
    ASSERT_TRUE(world_.engine->store_works());
    world_.run(1s);
  }
  EXPECT_LT(world_.engine->totals().commits - commits, 200u) << "nor is it read again without a pause";
  world_.backlog_reader.fails = false;
  expect_each_once(kEvents + 20);
}

TEST_F(LateReads, ThatFailDuringAStopDoNotEndIt) {
  go_on();
  world_.backlog_reader.fails = true;
  world_.stop_and_restart();
  world_.backlog_reader.fails = false;
  expect_each_once(kEvents);
}

TEST_F(LateReads, OfAnEndpointThatIsPausedMeanwhileWaitInItsWindow) {
  go_on();
  world_.update({.id = id_, .settings = pausing(true)});
  world_.run(1min);
  EXPECT_LE(world_.engine->dispatcher().find_lane(kNumber)->backlog.size(), kTiny.stopped_window);
  go_on();
  expect_each_once(kEvents);
}

}  // namespace
}  // namespace exposee::sim
