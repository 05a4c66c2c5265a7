// When outcomes of deliveries are written: late enough to hold up no event, early enough for all who ask
// (decision 15).
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

class OutcomesWait : public testing::Test {
 protected:
  OutcomesWait() : world_(disk_.options(1)) { id_ = add("http://a.example/", false); }

  EndpointId add(const std::string& url, bool ordered) {
    const auto added =
        world_.create({.url = *parse_url(url), .patterns = {"*"}, .settings = {.ordered = ordered}});
    return (*added)->endpoint->id;
  }
  // Events that are delivered and answered, but for what the engine makes of the responses.
  void deliver(int count) {
    for (int i = 0; i < count; ++i) world_.publish_soon("user_registered", "{}");
    world_.step();
    while (world_.engine->dispatcher().flights() > 0) world_.run(100us);
  }
  std::uint64_t written() const { return world_.engine->totals().attempts; }
  void publish_after(Duration wait) {
    world_.clock.advance_to(world_.clock.true_now() + wait);
    world_.publish_soon("user_registered", "{}");
    world_.step();
  }

  Disk disk_;
  World world_;
  EndpointId id_;
};

TEST_F(OutcomesWait, ForCompanyAndThenAreWrittenWithoutASyncOfTheirOwn) {
  deliver(1);
  world_.run(engine::kOutcomeDelay - 1ms);
  EXPECT_EQ(written(), 0u);
  EXPECT_EQ(disk_.faults.last_begun, Durability::at_commit) << "the event's";
  world_.run(2ms);
  EXPECT_EQ(written(), 1u);
  EXPECT_EQ(disk_.faults.last_begun, Durability::with_next);
}

TEST_F(OutcomesWait, ForATurnWithoutEventsButNotForEver) {
  deliver(1);
  for (auto age = 1ms; age < engine::kOutcomeLimit; age += 1ms) {
    publish_after(1ms);
    ASSERT_EQ(written(), 0u) << "after " << age.count() << " ms";
  }
  publish_after(1ms);
  EXPECT_GT(written(), 0u);
}

TEST_F(OutcomesWait, NotWhenTheyAreMany) {
  deliver(engine::kUsualLimits.outcome_batch - 1);
  EXPECT_EQ(written(), 0u);
  deliver(1);
  EXPECT_EQ(written(), engine::kUsualLimits.outcome_batch);
}

TEST_F(OutcomesWait, NotForACommandThatMayTouchTheirDeliveries) {
  const std::function<void()> commands[] = {
      [&] { world_.update({.id = id_, .settings = setting_change(&EndpointSettings::description, "new")}); },
      [&] { world_.retry({world_.acked.back().seq, EndpointNumber{1}}); },
      [&] { world_.declare("other"); },
      [&] { world_.remove(id_); },
  };
  std::uint64_t before = 0;
  for (const auto& command : commands) {
    deliver(1);
    ASSERT_EQ(written(), before);
    command();
    EXPECT_EQ(written(), ++before);
    EXPECT_EQ(disk_.faults.last_begun, Durability::at_commit);
    world_.run(100ms);
    before = written();
  }
}

TEST_F(OutcomesWait, NotForTheNextEventOfAnOrderedEndpoint) {
  world_.remove(id_);
  add("http://b.example/", true);
  deliver(1);
  EXPECT_EQ(written(), 1u);
  EXPECT_EQ(disk_.faults.last_begun, Durability::at_commit);
}

TEST_F(OutcomesWait, AtMostUntilTheNextCheckpointForTheDisk) {
  deliver(1);
  world_.run(20ms);
  ASSERT_EQ(disk_.faults.last_begun, Durability::with_next);
  world_.run(engine::kCheckpointInterval);
  EXPECT_EQ(disk_.faults.last_begun, Durability::at_commit);
  world_.fail_power();
  world_.run(1s);
  EXPECT_EQ(world_.sender.seen.size(), 1u) << "it is on disk and is not repeated";
}

}  // namespace
}  // namespace exposee::sim
