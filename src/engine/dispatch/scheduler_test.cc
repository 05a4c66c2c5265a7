#include "engine/dispatch/scheduler.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart = from_micros(1'000'000'000);
constexpr Occupancy kRoom{.free = 1'000, .fast_full = false, .fast_dense = false};
constexpr Occupancy kNoRoom{.free = 0, .fast_full = false, .fast_dense = false};
constexpr Occupancy kFast{.free = 1'000, .fast_full = true, .fast_dense = true};

EventRef event(std::uint64_t seq) {
  auto e = std::make_shared<Event>();
  e->seq = EventSeq{seq};
  e->body = "{}";
  return e;
}

class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    scheduler_.set_now(kStart);
    for (auto& lane : lanes_) {
      lane.gate.set_open(true, kStart);
      lane.pace.set_limit(4, 4);
      lane.backlog.push(event(1), true, kStart);
    }
  }
  // The lanes in line, which leave it.
  std::string line() {
    std::string numbers;
    while (scheduler_.has_ready()) numbers += std::to_string(scheduler_.next().number.value) + " ";
    return numbers;
  }

  Flights flights_{1'000, 1'000};
  Packing packing_{kUsualLimits, flights_};
  BodyShares shares_{kUsualLimits, packing_};
  Scheduler scheduler_{shares_};
  std::array<Lane, 3> lanes_{Lane(EndpointNumber{1}), Lane(EndpointNumber{2}), Lane(EndpointNumber{3})};
};

TEST_F(SchedulerTest, LetsLanesStandInLineOnceAndInOrder) {
  scheduler_.ready(lanes_[1]);
  scheduler_.ready(lanes_[0]);
  scheduler_.ready(lanes_[1]);
  EXPECT_EQ(line(), "2 1 ");
}

TEST_F(SchedulerTest, LeavesOutALaneThatMayStartNothing) {
  lanes_[0].gate.set_open(false, kStart);
  scheduler_.ready(lanes_[0]);
  EXPECT_EQ(line(), "");
}

TEST_F(SchedulerTest, PutsALaneWithMoreToDoBehindTheOthers) {
  scheduler_.ready(lanes_[0]);
  scheduler_.ready(lanes_[1]);
  scheduler_.rest(scheduler_.next(), kRoom, kStart);
  EXPECT_EQ(line(), "2 1 ");
}

TEST_F(SchedulerTest, LetsInThoseThatStoodAsideAsFarAsThereIsRoom) {
  struct Case {
    std::string story;
    Occupancy occupancy;
    std::size_t room, fast_room;
    std::string in;
  };
  const Case cases[] = {
      {"no slot was free, and none is", kNoRoom, 0, 9, ""},
      {"one is free now", kNoRoom, 1, 9, "1 "},
      {"many are free now", kNoRoom, 9, 0, "1 2 3 "},
      {"fast receivers have all that this machine carries", kFast, 9, 0, ""},
      {"... and two places are left again", kFast, 9, 2, "1 2 "},
  };
  for (const auto& c : cases) {
    Scheduler scheduler(shares_);
    for (auto& lane : lanes_) {
      lane.lines = {};
      scheduler.rest(lane, c.occupancy, kStart);
    }
    scheduler.let_in(c.room, c.fast_room);
    std::string in;
    while (scheduler.has_ready()) in += std::to_string(scheduler.next().number.value) + " ";
    EXPECT_EQ(in, c.in) << c.story;
  }
}

TEST_F(SchedulerTest, WakesALaneOnceAtTheEarliestOfItsTimes) {
  scheduler_.wake(lanes_[0], kStart + 5s);
  scheduler_.wake(lanes_[0], kStart + 2s);
  scheduler_.wake(lanes_[0], kStart + 9s);
  scheduler_.wake(lanes_[1], kStart + 3s);
  EXPECT_EQ(scheduler_.next_wake(), kStart + 2s);
  scheduler_.wake_due(kStart + 2s);
  EXPECT_EQ(line(), "1 ");
  EXPECT_EQ(scheduler_.next_wake(), kStart + 3s);
  scheduler_.wake_due(kStart + 1h);
  EXPECT_EQ(line(), "2 ");
  EXPECT_EQ(scheduler_.next_wake(), std::nullopt);
}

TEST_F(SchedulerTest, LetsALaneSleepThatCanStartNothing) {
  lanes_[0].gate.hold(kStart + 30s, kStart);
  scheduler_.rest(lanes_[0], kRoom, kStart);
  EXPECT_EQ(line(), "");
  EXPECT_EQ(scheduler_.next_wake(), kStart + 30s);
}

TEST_F(SchedulerTest, LetsThoseReadThatLagAndAreNotInTrouble) {
  lanes_[0].backlog.resume({EventSeq{2}, EventSeq{9}, 8});
  scheduler_.ready(lanes_[0]);
  scheduler_.ready(lanes_[0]);
  EXPECT_EQ(scheduler_.want_events(), 1u);
  EXPECT_EQ(scheduler_.want_rows(), 0u);
  EXPECT_EQ(scheduler_.next_for_events(), &lanes_[0]);
  lanes_[0].reads.failed(LaneRead::window, kStart);
  scheduler_.ready(lanes_[0]);
  EXPECT_EQ(scheduler_.want_events(), 0u) << "what it found cannot be read, and is looked at later";
  scheduler_.rest(lanes_[0], kRoom, kStart);
  EXPECT_EQ(scheduler_.next_wake(), lanes_[0].reads.again_at(kStart));
}

TEST_F(SchedulerTest, PassesOverALaneThatNeedsNoMoreByItsTurn) {
  lanes_[0].backlog.resume({EventSeq{2}, EventSeq{9}, 8});
  scheduler_.ready(lanes_[0]);
  lanes_[0].gate.set_open(false, kStart);
  EXPECT_EQ(scheduler_.next_for_events(), nullptr);
}

TEST_F(SchedulerTest, LetsALaneStandInBothLinesOfThoseThatRead) {
  lanes_[0].backlog.resume({EventSeq{2}, EventSeq{9}, 8});
  lanes_[0].retries.by_schedule().expect_more();
  lanes_[1].retries.by_hand().expect_more();
  scheduler_.ready(lanes_[0]);
  scheduler_.ready(lanes_[1]);
  EXPECT_EQ(scheduler_.next_for_rows(), &lanes_[0]);
  EXPECT_EQ(scheduler_.want_events(), 1u) << "it waits there for its turn";
  EXPECT_FALSE(lanes_[0].is_idle());
  EXPECT_EQ(scheduler_.next_for_rows(), &lanes_[1]);
  EXPECT_EQ(scheduler_.next_for_events(), &lanes_[0]);
}

}  // namespace
}  // namespace exposee::engine
