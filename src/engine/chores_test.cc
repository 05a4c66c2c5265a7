#include "engine/chores.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "fakes/quiet_observer.h"

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

struct Part {
  EndpointNumber endpoint;
};

class EndpointChoresTest : public testing::Test {
 protected:
  EndpointChoresTest() {
    for (std::uint64_t n = 1; n <= 3; ++n) chores_.add({EndpointNumber{n}});
  }
  // Steps of so long, one whenever it is due; who had them: "1 2 ".
  std::string run(Duration span) {
    std::string had;
    for (const auto end = now_ + span; chores_.due() <= end;) {
      now_ = std::max(now_, chores_.due());
      chores_.step(now_, observer_, [&](const Part& part) { return step(part, had); });
    }
    return had;
  }
  Result<ChoreStep> step(const Part& part, std::string& had) const {
    const auto number = part.endpoint.value;
    had += std::to_string(number) + " ";
    if (away_ || refused_.contains(number))
      return Error{ErrorCode::unavailable, "the disk does not answer", ""};
    if (unreadable_.contains(number)) return Error{ErrorCode::unreadable, "the disk does not read it", ""};
    if (damaged_.contains(number)) return Error{ErrorCode::damaged, "made to be damaged", ""};
    return ChoreStep{.is_over = over_.contains(number), .pause = 1s};
  }

  fakes::QuietObserver observer_;
  EndpointChores<Part> chores_{ChoreKind::sift};
  Instant now_ = from_micros(1'000'000);
  std::set<std::uint64_t> damaged_, refused_, unreadable_, over_;
  bool away_ = false;
};

TEST_F(EndpointChoresTest, TakeTurnsUntilTheyAreOver) {
  over_ = {2};
  EXPECT_EQ(run(5s), "1 2 3 1 3 1 ");
  over_ = {1, 3};
  run(5s);
  EXPECT_TRUE(chores_.empty());
  EXPECT_EQ(chores_.due(), Instant::max());
}

TEST_F(EndpointChoresTest, WhatFailsForOneIsToldOnceAndHoldsUpNoOther) {
  damaged_ = {2};
  const auto had = run(60s);
  EXPECT_EQ(observer_.chores, "sifting backlogs! ");
  EXPECT_EQ(std::ranges::count(had, '2'), 6) << "after 1, 2, 4, 8, 16 s";
  EXPECT_GT(std::ranges::count(had, '1'), 25);
  EXPECT_FALSE(chores_.waits(EndpointNumber{2})) << "nobody waits for it";
  EXPECT_TRUE(chores_.waits(EndpointNumber{1}));
  damaged_ = {2, 3};
  run(60s);
  EXPECT_EQ(observer_.chores, "sifting backlogs! ") << "a second failure of the kind is not told again";
  damaged_ = {3};
  run(200s);
  EXPECT_EQ(observer_.chores, "sifting backlogs! ") << "not while one still fails";
  damaged_ = {};
  run(600s);
  EXPECT_EQ(observer_.chores, "sifting backlogs! sifting backlogs ");
  EXPECT_TRUE(chores_.waits(EndpointNumber{2}));
}

TEST_F(EndpointChoresTest, WhatTheDiskRefusesForOneAloneHoldsUpNoOther) {
  refused_ = {1};
  const auto had = run(60s);
  EXPECT_GT(std::ranges::count(had, '2'), 10);
  EXPECT_GT(std::ranges::count(had, '3'), 10);
}

TEST_F(EndpointChoresTest, WhatTheDiskDoesNotReadIsPutOffAlone) {
  unreadable_ = {1};
  const auto had = run(60s);
  EXPECT_EQ(std::ranges::count(had, '1'), 6) << "after 1, 2, 4, 8, 16 s";
  EXPECT_GT(std::ranges::count(had, '2'), 25);
  EXPECT_GT(std::ranges::count(had, '3'), 25);
}

TEST_F(EndpointChoresTest, OneThatFailsAndIsGivenUpFailsNoMore) {
  damaged_ = {2};
  run(10s);
  chores_.remove(EndpointNumber{2});
  EXPECT_EQ(observer_.chores, "sifting backlogs! ") << "giving up is not a success";
  EXPECT_EQ(run(3s), "3 1 3 ");
  EXPECT_EQ(observer_.chores, "sifting backlogs! sifting backlogs ");
}

TEST_F(EndpointChoresTest, AStoreThatIsAwayIsEverybodysAndIsNotAskedForEach) {
  away_ = true;
  const auto had = run(60s);
  EXPECT_EQ(observer_.chores, "sifting backlogs! ");
  EXPECT_EQ(had, "1 2 3 1 2 3 ") << "after 1, 2, 4, 8, 16 s";
  away_ = false;
  run(60s);
  EXPECT_EQ(observer_.chores, "sifting backlogs! sifting backlogs ");
}

}  // namespace
}  // namespace exposee::engine
