#include "engine/turn/checkpoints.h"

#include <gtest/gtest.h>

#include "fakes/faulty_store.h"
#include "fakes/manual_clock.h"
#include "fakes/memory_store.h"
#include "fakes/quiet_observer.h"

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

class CheckpointsTest : public testing::Test {
 protected:
  CheckpointsTest() {
    StartState start{.version = RegistryVersion{1}};
    start.types.push_back({TypeNumber{1}, "user_registered", "", {}});
    for (std::uint64_t n = 1; n <= kEndpoints; ++n) {
      start.endpoints.push_back({.number = EndpointNumber{n}, .url = "http://h" + std::to_string(n) + ".example/"});
      start.endpoints.back().settings.paused = true;
      start.subscriptions.push_back({"*", EndpointNumber{n}, RegistryVersion{1}, {}});
    }
    dispatcher_.take_up(ShardSet::all(), now_);
    registry_.load(start);
    for (const auto& state : registry_.all()) dispatcher_.sync(state, false, now_);
    checkpoints_.begin(now_);
  }

  // A turn with one is written.
  Turn write(bool wrote = false, bool ending = false) {
    Turn turn;
    checkpoints_.put_into(turn, EventSeq{last_}, now_);
    checkpoints_.settle(now_, wrote, ending);
    return turn;
  }
  bool due(bool last_words = false) const { return checkpoints_.due(now_, last_words); }
  void route_one(const Subscribers& to = Subscribers({EndpointNumber{1}})) {
    auto event = std::make_shared<Event>();
    event->seq = EventSeq{++last_};
    event->type = TypeNumber{1};
    event->version = RegistryVersion{1};
    event->accepted_at = now_;
    dispatcher_.route(event, to, now_);
  }

  static constexpr std::uint64_t kEndpoints = 9;
  EngineSettings settings_;
  fakes::FaultPlan faults_;
  fakes::FaultyStore store_{std::make_unique<fakes::MemoryStore>(), faults_};
  fakes::QuietObserver observer_;
  Instant now_ = from_micros(1'700'000'000'000'000);
  Registry registry_;
  Dispatcher dispatcher_{settings_, registry_, store_, observer_};
  TurnWriter writer_{store_};
  fakes::ManualClock clock_;
  Checkpoints checkpoints_{dispatcher_, clock_, observer_};
  std::uint64_t last_ = 0;
};

TEST_F(CheckpointsTest, OneIsDueASecondAfterAStart) {
  EXPECT_FALSE(due());
  EXPECT_TRUE(due(true)) << "nothing more will be written";
  now_ += kCheckpointInterval;
  EXPECT_TRUE(due());
}

TEST_F(CheckpointsTest, AfterwardsOneIsDueOnlyOnceSomethingWasWritten) {
  now_ += kCheckpointInterval;
  write();
  now_ += 1h;
  EXPECT_FALSE(due() || due(true));
  checkpoints_.settle(now_, true, false);  // a turn without one
  EXPECT_FALSE(due());
  EXPECT_EQ(checkpoints_.next(), now_ + kCheckpointInterval);
  now_ += kCheckpointInterval;
  EXPECT_TRUE(due());
}

TEST_F(CheckpointsTest, ATurnThatIsNotWrittenLeavesItDue) {
  now_ += kCheckpointInterval;
  Turn turn;
  checkpoints_.put_into(turn, {}, now_);
  EXPECT_TRUE(turn.checkpoint);
  checkpoints_.drop();
  checkpoints_.settle(now_, false, false);
  EXPECT_TRUE(checkpoints_.is_dirty());
}

TEST_F(CheckpointsTest, AnotherOneFollowsWhileALaneLagsButNotAtTheEnd) {
  route_one();
  now_ += kCheckpointInterval;
  EXPECT_FALSE(write().checkpoint->marks.empty()) << "what waits is in no pack yet";
  EXPECT_TRUE(checkpoints_.is_dirty());
  now_ += kCheckpointInterval;
  write(false, true);
  EXPECT_FALSE(checkpoints_.is_dirty());
}

TEST_F(CheckpointsTest, WrittenAloneOneFailsAloneAndIsTriedLessAndLess) {
  route_one();
  faults_.code = ErrorCode::damaged;
  faults_.refuses = [](const Turn& turn) { return turn.checkpoint.has_value(); };
  Duration last{};
  for (int n = 0; n < 3; ++n) {
    now_ = std::max(now_, checkpoints_.next());
    EXPECT_TRUE(checkpoints_.write_alone(writer_, EventSeq{last_}, now_, false)) << "it is nobody else's error";
    EXPECT_GT(checkpoints_.next() - now_, last);
    last = checkpoints_.next() - now_;
  }
  EXPECT_EQ(observer_.chores, "checkpoint! ");
  EXPECT_TRUE(checkpoints_.is_dirty());
  faults_.refuses = {};
  EXPECT_TRUE(checkpoints_.write_alone(writer_, EventSeq{last_}, now_, false));
  EXPECT_EQ(observer_.chores, "checkpoint! checkpoint ");
}

// Some page of its packs is damaged.
TEST_F(CheckpointsTest, OneEndpointWhosePacksCannotBeWrittenIsLeftOutAndTheOthersMarksMove) {
  std::vector<EndpointNumber> all;
  for (std::uint64_t n = 1; n <= kEndpoints; ++n) all.push_back(EndpointNumber{n});
  route_one(Subscribers(all));
  now_ += settings_.limits.pack_after;
  constexpr EndpointNumber kDamaged{4};
  faults_.code = ErrorCode::damaged;
  int tried = 0;
  faults_.refuses = [&](const Turn& turn) {
    const bool has = std::ranges::find(turn.packs, kDamaged, &BacklogPack::endpoint) != turn.packs.end();
    tried += has;
    return has;
  };
  const auto write_some = [&](Duration span) {
    for (const auto end = now_ + span; now_ < end; now_ += kCheckpointInterval) {
      EXPECT_TRUE(checkpoints_.write_alone(writer_, EventSeq{last_}, now_, false));
    }
  };
  write_some(3s);
  const auto start = store_.load_start();
  ASSERT_EQ(start->marks.size(), 1u);
  EXPECT_EQ(start->marks[0].endpoint, kDamaged);
  EXPECT_EQ(start->packs.size(), kEndpoints - 1);
  EXPECT_EQ(start->checkpoint(EndpointNumber{1}).value, last_);
  EXPECT_EQ(observer_.chores, "") << "it goes on";
  ASSERT_EQ(observer_.troubles.size(), 1u);
  write_some(10min);
  EXPECT_EQ(observer_.troubles.size(), 1u) << "it is told once";
  EXPECT_LT(tried, 150) << "and tried once a minute";
  faults_.refuses = {};
  write_some(1min);
  EXPECT_TRUE(store_.load_start()->marks.empty());
  EXPECT_EQ(store_.load_start()->packs.size(), kEndpoints);
}

TEST_F(CheckpointsTest, WhileMorePacksWaitThanOneTakesTheNextComesSoonerByWhatItTakes) {
  settings_.limits.packs_per_checkpoint = 2;
  std::vector<EndpointNumber> all;
  for (std::uint64_t n = 1; n <= kEndpoints; ++n) all.push_back(EndpointNumber{n});
  route_one(Subscribers(all));
  now_ += settings_.limits.pack_after;
  const auto pause_after = [&](Duration took) {
    Turn turn;
    checkpoints_.put_into(turn, EventSeq{last_}, now_);
    clock_.advance(took);
    checkpoints_.settle(now_, false, false);
    const auto pause = checkpoints_.next() - now_;
    now_ += pause;
    return pause;
  };
  EXPECT_EQ(pause_after(1ms), kCheckpointSoon);
  EXPECT_EQ(pause_after(10ms), 200ms);
  EXPECT_EQ(pause_after(1s), kCheckpointInterval);
  for (int n = 0; n < 3; ++n) pause_after(1ms);
  EXPECT_EQ(pause_after(1ms), kCheckpointInterval) << "none waits any more";
}

TEST_F(CheckpointsTest, AnErrorThatPassesIsTheStores) {
  faults_.fail_next(1, ErrorCode::full);
  EXPECT_EQ(checkpoints_.write_alone(writer_, {}, now_, false).error.code, ErrorCode::full);
  EXPECT_EQ(observer_.chores, "");
}

TEST_F(CheckpointsTest, AStopWaitsForNoneThatCannotBeWritten) {
  faults_.code = ErrorCode::damaged;
  faults_.refuses = [](const Turn& turn) { return turn.checkpoint.has_value(); };
  EXPECT_TRUE(checkpoints_.write_alone(writer_, {}, now_, true));
  EXPECT_FALSE(checkpoints_.is_dirty());
}

}  // namespace
}  // namespace exposee::engine
