#include "engine/dispatch/catch_ups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>

#include "engine/dispatch/flights.h"
#include "engine/dispatch/packing.h"
#include "fakes/faulty_store.h"
#include "fakes/memory_store.h"
#include "fakes/quiet_observer.h"

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart = from_micros(1'000'000'000);
constexpr std::uint64_t kLanes = 100;

class CatchUpsTest : public testing::Test {
 protected:
  CatchUpsTest() {
    StartState start{.version = RegistryVersion{1}};
    for (std::uint64_t n = 1; n <= kLanes; ++n)
      start.endpoints.push_back({.number = EndpointNumber{n}, .url = "http://h" + std::to_string(n) + ".example/"});
    registry_.load(start);
    for (std::uint64_t n = 1; n <= kLanes; ++n) {
      auto& lane = lanes_.emplace_back(EndpointNumber{n});
      lane.gate.set_open(true, kStart);
      lane.retries.catch_up().begin(kStart);
      catch_ups_.join(lane);
    }
  }
  std::size_t in_line() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(lanes_, [](const Lane& lane) { return lane.lines.catch_up != 0; }));
  }
  // Whose step it is: "1 2 ".
  std::string steps() {
    const auto steps = catch_ups_.next_steps(kStart, {});
    std::string numbers;
    for (const auto& step : steps) numbers += std::to_string(step.endpoint.value) + " ";
    return numbers;
  }

  fakes::FaultPlan faults_;
  fakes::FaultyStore store_{std::make_unique<fakes::MemoryStore>(), faults_};
  fakes::QuietObserver observer_;
  Registry registry_;
  Flights flights_{1'000, 1'000};
  Packing packing_{kUsualLimits, flights_};
  BodyShares shares_{kUsualLimits, packing_};
  Scheduler scheduler_{shares_};
  ReadTroubles troubles_{registry_, observer_, scheduler_};
  CatchUps catch_ups_{store_, troubles_};
  std::deque<Lane> lanes_;
};

TEST_F(CatchUpsTest, TakeTurns) {
  EXPECT_TRUE(catch_ups_.may_step(kStart));
  EXPECT_EQ(steps(), "1 2 3 4 ");
  EXPECT_EQ(steps(), "5 6 7 8 ");
  for (auto& lane : lanes_) {
    if (lane.number.value > 2) catch_ups_.end(lane);
  }
  EXPECT_EQ(steps(), "1 2 ") << "each once";
}

// Also when the disk says of one endpoint's rows what it would say if all of it were away.
TEST_F(CatchUpsTest, WhoseRowsCannotBeReadWaitAloneForAWhile) {
  for (const auto code : {ErrorCode::damaged, ErrorCode::unavailable}) {
    faults_.fail_next(1, code);
    EXPECT_EQ(steps(), code == ErrorCode::damaged ? "2 3 4 5 " : "7 8 9 10 ");
  }
  EXPECT_EQ(observer_.troubles.size(), 2u);
}

// As thousands that are paused or have enough to do: nobody asks them again in every turn.
TEST_F(CatchUpsTest, ThatMayTakeNoStepAreLookedAtOnce) {
  for (auto& lane : lanes_) lane.gate.set_open(false, kStart);
  lanes_.back().gate.set_open(true, kStart);
  EXPECT_TRUE(catch_ups_.may_step(kStart));
  EXPECT_EQ(in_line(), 1u);
  EXPECT_EQ(steps(), "100 ");
  lanes_.back().gate.set_open(false, kStart);
  EXPECT_FALSE(catch_ups_.may_step(kStart));
  EXPECT_EQ(in_line(), 0u);
}

TEST_F(CatchUpsTest, ComeAgainWhenTheyMayStartSomething) {
  for (auto& lane : lanes_) lane.gate.set_open(false, kStart);
  EXPECT_FALSE(catch_ups_.may_step(kStart));
  lanes_[6].gate.set_open(true, kStart);
  catch_ups_.join(lanes_[6]);
  EXPECT_EQ(steps(), "7 ");
}

}  // namespace
}  // namespace exposee::engine
