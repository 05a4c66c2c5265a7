// What there is too much of: deliveries that wait for one endpoint, and data on the disk.
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

class Overflow : public testing::Test {
 protected:
  Overflow() {
    engine::CreateEndpoint command{.url = *parse_url("http://full.example/"), .patterns = {"*"}};
    command.settings.paused = true;
    command.settings.max_pending = 10;
    id_ = (*world_.create(std::move(command)))->endpoint->id;
    world_.add_endpoint("http://healthy.example/", {"*"});
    for (int i = 0; i < 15; ++i) events_.push_back(must_publish(world_).seq);
    world_.run(1s);
  }
  std::uint64_t owed() { return world_.engine->dispatcher().owed(); }
  DeliveryRow row(std::size_t event) {
    return *world_.find_delivery({events_[event], EndpointNumber{1}});
  }
  std::size_t sent_to(std::uint64_t endpoint) {
    return static_cast<std::size_t>(
        std::ranges::count(world_.sender.seen, EndpointNumber{endpoint}, &Seen::endpoint));
  }

  Disk disk_;
  World world_{disk_.options(5)};
  EndpointId id_;
  std::vector<EventSeq> events_;
};

TEST_F(Overflow, BeyondSoManyADeliveryEndsAtOnceAndOthersNoticeNothing) {
  EXPECT_EQ(owed(), 10u);
  EXPECT_EQ(row(9).status, DeliveryStatus::pending);
  for (std::size_t n = 10; n < 15; ++n) {
    EXPECT_EQ(row(n).status, DeliveryStatus::exhausted);
    EXPECT_EQ(row(n).cause, Cause::overflow);
    EXPECT_EQ(row(n).attempts, 0u);
  }
  EXPECT_EQ(sent_to(2), 15u);
  world_.crash();
  EXPECT_EQ(owed(), 10u);
}

TEST_F(Overflow, OnceThereIsRoomWhatComesIsTakenAndWhatEndedCanBeRetried) {
  world_.update({.id = id_, .settings = pausing(false)});
  world_.run(10s);
  EXPECT_EQ(sent_to(1), 10u);
  must_publish(world_);
  const auto asked = world_.retry({events_[12], EndpointNumber{1}});
  ASSERT_TRUE(asked && *asked);
  world_.run(10s);
  EXPECT_EQ(sent_to(1), 12u);
  EXPECT_EQ(row(12).status, DeliveryStatus::succeeded);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(Overflow, AnEndpointMaySetAnotherNumber) {
  world_.update({.id = id_, .settings = setting_change(&EndpointSettings::max_pending, 12)});
  for (int i = 0; i < 5; ++i) must_publish(world_);
  world_.run(1s);
  EXPECT_EQ(owed(), 12u);
}

// Very much at once is taken on in pieces: so what else there is to do comes between.
TEST(TooMuch, ATurnTakesOnSoManyEventsAndTheRestFollowsInOrder) {
  Disk disk;
  engine::EngineSettings settings;
  settings.limits.events_per_turn = 100;
  World world(disk.options(7, settings));
  std::vector<std::size_t> turns;
  disk.faults.writes = [&](const Turn& turn) { turns.push_back(turn.events.size()); };
  std::vector<int> told;
  for (int n = 0; n < 8; ++n) {
    engine::PublishBatch batch;
    for (int item = 0; item < 60; ++item) {
      engine::PublishEvent event{.type_name = "user_registered", .data = "{}"};
      event.reply.render = [](const auto& outcome) { return engine::Reply{outcome ? 200 : 400, ""}; };
      batch.items.push_back(std::move(event));
    }
    batch.combine = [](std::vector<engine::Reply>&&) { return engine::Reply{200, ""}; };
    batch.refuse = [](const engine::Refused&) { return engine::Reply{503, ""}; };
    batch.deliver = [&told, n](engine::Reply&&) { told.push_back(n); };
    world.engine->commands().submit(std::move(batch));
  }
  bool declared = false;
  world.put(engine::DeclareType{.name = "order.paid"}, [&] { declared = true; });
  world.engine->turn();
  EXPECT_EQ(world.engine->idle(), Duration::zero());
  EXPECT_FALSE(declared);
  world.run(1s);
  EXPECT_TRUE(declared);
  EXPECT_EQ(told, (std::vector{0, 1, 2, 3, 4, 5, 6, 7}));
  std::erase(turns, 0u);
  EXPECT_EQ(turns, (std::vector<std::size_t>{120, 120, 120, 120}));
}

class DiskLow : public testing::Test {
 protected:
  static Options options(Disk& disk) {
    auto options = disk.options(6);
    options.space = &disk.space;
    return options;
  }
  DiskLow() { world_.add_endpoint("http://a.example/", {"*"}); }
  std::optional<engine::Refused> refusal() {
    const auto outcome = world_.publish("user_registered", "{}");
    return outcome && !*outcome ? std::optional(outcome->error()) : std::nullopt;
  }

  Disk disk_;
  SmallDisk& space_ = disk_.space;
  World world_{options(disk_)};
};

TEST_F(DiskLow, RefusesEventsSaysWhatHelpsDeliversAndRecovers) {
  world_.sender.receivers[EndpointNumber{1}].mood = Mood::broken;
  EXPECT_FALSE(refusal());
  world_.run(2s);
  space_.now->free = 80u << 20;  // of 8 GiB a hundredth is more
  world_.run(2s);
  EXPECT_TRUE(world_.engine->disk_is_low()) << "before anybody publishes";
  const auto refused = refusal();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->why, engine::Refusal::store_full);
  EXPECT_EQ(refused->detail,
            "There are 80 MiB left on the disk of the data, and 81 MiB are to stay free (limits.min_free_disk). "
            "Free some space; deliveries go on.");
  EXPECT_TRUE(world_.engine->disk_is_low());
  world_.sender.receivers[EndpointNumber{1}].mood = Mood::fine;
  world_.run(1min);
  EXPECT_EQ(world_.sender.seen.back().status, 200) << "deliveries go on";
  space_.now->free = 90u << 20;
  world_.run(2s);
  EXPECT_FALSE(world_.engine->disk_is_low()) << "or nothing that looks at readiness would send it an event";
  EXPECT_FALSE(refusal());
  space_.now.reset();
  world_.run(2s);
  EXPECT_FALSE(refusal()) << "a system that does not say refuses nobody";
}

TEST_F(DiskLow, IsAskedForOnceASecond) {
  const auto begin = space_.looks;
  world_.run(1min);
  EXPECT_LE(space_.looks - begin, 61);
  const auto before = space_.looks;
  for (int i = 0; i < 50; ++i) must_publish(world_);
  EXPECT_LE(space_.looks, before + 1);
}

}  // namespace
}  // namespace exposee::sim
