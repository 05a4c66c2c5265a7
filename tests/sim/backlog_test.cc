// What is owed is bounded, and known again after a start.
#include "sim/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

class Backlog : public testing::Test {
 protected:
  static engine::EngineSettings small_budget() {
    engine::EngineSettings settings;
    settings.max_pending_deliveries = kBudget;
    return settings;
  }

  Backlog() {
    id_ = (*world_.add_endpoint("http://a.example/", {"user_send_message"}))->endpoint->id;
    set_paused(true);
  }

  void set_paused(bool paused) { world_.update({.id = id_, .settings = pausing(paused)}); }
  // One event in `in_all` is owed to the endpoint, the others to nobody.
  void publish(std::size_t owed, std::size_t in_all) {
    for (std::size_t i = 0; i < owed; ++i) {
      world_.publish_soon("user_send_message", "{}");
      for (std::size_t n = 1; n < in_all; ++n) world_.publish_soon("user_registered", "{}");
    }
    world_.run(5s);
  }
  bool is_accepted() {
    const auto outcome = world_.publish("user_registered", "{}");
    return outcome && outcome->has_value();
  }
  std::uint64_t owed() { return world_.engine->dispatcher().owed(); }

  static constexpr std::uint64_t kBudget = 12'000;
  Disk disk_;
  World world_{disk_.options(1, small_budget())};
  EndpointId id_;
};

TEST_F(Backlog, APausedEndpointOwedLittleAmongMuchHoldsNobodyUpAfterAStart) {
  publish(3, 5'000);
  world_.crash();
  EXPECT_FALSE(is_accepted()) << "at first everything since the first event may be owed";
  world_.run(5s);
  EXPECT_TRUE(is_accepted());
  EXPECT_LE(owed(), kBudget / 2);
  set_paused(false);
  world_.run(10s);
  EXPECT_EQ(world_.sender.seen.size(), 3u);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(Backlog, APausedEndpointOwedMoreThanItsWindowHoldsIsCountedToTheEnd) {
  publish(8'000, 2);
  world_.crash();
  EXPECT_FALSE(is_accepted());
  world_.run(10s);
  EXPECT_TRUE(is_accepted());
  EXPECT_EQ(owed(), 8'000u);
  publish(1, 1);
  EXPECT_EQ(owed(), 8'001u);
  set_paused(false);
  world_.run(60s);
  EXPECT_EQ(world_.sender.seen.size(), 8'001u);
  EXPECT_EQ(owed(), 0u);
}

// Its window is full, so it reads nothing back.
TEST_F(Backlog, ADeadEndpointIsCountedAsWell) {
  publish(8'000, 2);
  world_.sender.receivers[EndpointNumber{1}].mood = Mood::refusing;
  set_paused(false);
  world_.run(10s);
  world_.crash();
  world_.run(10s);
  EXPECT_TRUE(is_accepted());
  EXPECT_EQ(owed(), 8'000u);
}

}  // namespace
}  // namespace exposee::sim
