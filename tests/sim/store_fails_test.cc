// A store that cannot be written: how a stop ends then, and what a caller is told.
#include "sim/disk.h"

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

TEST(StoreFails, ACommitThatFailedIsSaidToBeStoredPerhaps) {
  std::uint64_t steps = 0;
  for (const bool counting : {true, false}) {
    Disk disk;
    World world(disk.options(17));
    const auto before = disk.faults.steps;
    if (!counting) disk.faults.fail_next(1, ErrorCode::unavailable), disk.faults.fail_from = before + steps;
    const auto outcome = world.publish("user_registered", "{}");
    ASSERT_TRUE(outcome);
    if (counting) {
      steps = disk.faults.steps - before;  // the last of them is the commit
      continue;
    }
    ASSERT_FALSE(*outcome);
    EXPECT_NE(outcome->error().detail.find("same Idempotency-Key"), std::string::npos) << outcome->error().detail;
  }
}

}  // namespace
}  // namespace exposee::sim
