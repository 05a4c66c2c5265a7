// What is damaged of one endpoint's, where its lane reads: everybody else is served, publishing goes on, and
// it goes on itself once it can be read again.
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

// A window so small that a few events are a backlog.
constexpr engine::EngineLimits kTiny{.window = 8, .stopped_window = 3, .read_step = 5, .reads_per_turn = 7};

struct HowRead {
  const char* name;
  bool late;  // by another, whose answers come later
  ErrorCode code;
};

class DamagedReads : public testing::TestWithParam<HowRead> {
 protected:
  Options options() {
    auto options = disk_.options(1, settings());
    options.reads_late = GetParam().late;
    disk_.faults.damage_code = GetParam().code;
    return options;
  }
  static engine::EngineSettings settings() {
    engine::EngineSettings settings;
    settings.limits = kTiny;
    return settings;
  }

  DamagedReads() {
    for (const char* url : {"http://a.example/", "http://b.example/"})
      ids_.push_back((*world_.add_endpoint(url, {"*"}, RetrySchedule{{1min, 1min, 1min}}))->endpoint->id);
  }

  void damage() {
    disk_.faults.damaged_rows = [](EndpointNumber number) { return number == kDamaged; };
  }
  void publish(int count) {
    for (int i = 0; i < count; ++i) world_.publish_soon("user_registered", "{}");
    world_.run(1s);
  }
  std::size_t delivered(EndpointNumber endpoint) {
    return static_cast<std::size_t>(std::ranges::count_if(world_.sender.seen, [&](const Seen& seen) {
      return seen.endpoint == endpoint && seen.status / 100 == 2;
    }));
  }
  // Of `published` events everybody else has got everything, and knows of nothing.
  void expect_others_served(std::size_t published) {
    EXPECT_TRUE(world_.engine->store_works());
    EXPECT_EQ(world_.observer.failures, 0);
    EXPECT_EQ(world_.refused, 0u);
    EXPECT_EQ(world_.acked.size(), published);
    EXPECT_EQ(delivered(kSound), published);
    EXPECT_EQ(world_.observer.troubles, (std::vector{"endpoint " + ids_.front().text()}));
  }
  void expect_healed(std::size_t published) {
    disk_.faults.damaged_rows = {};
    disk_.faults.damaged_event = {};
    world_.run(10min);
    EXPECT_EQ(delivered(kDamaged), published);
    EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
  }

  static constexpr EndpointNumber kDamaged{1}, kSound{2};
  Disk disk_;
  World world_{options()};
  std::vector<EndpointId> ids_;
};

TEST_P(DamagedReads, OfAPagedOutBacklogStopOneEndpointAlone) {
  world_.update({.id = ids_.front(), .settings = pausing(true)});
  publish(40);
  damage();
  world_.update({.id = ids_.front(), .settings = pausing(false)});
  publish(10);
  expect_others_served(50);
  EXPECT_LT(delivered(kDamaged), 50u);
  expect_healed(50);
}

TEST_P(DamagedReads, OfRetriesAfterAStartStopOneEndpointAlone) {
  world_.sender.receivers[kDamaged].mood = Mood::broken;
  publish(3);
  world_.sender.receivers[kDamaged].mood = Mood::fine;
  damage();
  world_.crash();
  publish(5);
  expect_others_served(8);
  EXPECT_EQ(delivered(kDamaged), 5u) << "what is in memory goes on";
  expect_healed(8);
}

TEST_P(DamagedReads, OfWhatIsToBeBroughtForwardStopOneEndpointAlone) {
  world_.sender.receivers[kDamaged].mood = Mood::broken;
  publish(3);
  world_.run(10s);
  damage();
  world_.sender.receivers[kDamaged].mood = Mood::fine;
  publish(5);
  expect_others_served(8);
  expect_healed(8);
}

TEST_P(DamagedReads, OfARetrysEventStopOneEndpointAlone) {
  world_.sender.receivers[kDamaged].mood = Mood::broken;
  publish(2);
  world_.sender.receivers[kDamaged].mood = Mood::fine;
  disk_.faults.damaged_event = [this](EventSeq event) { return event == world_.acked.front().seq; };
  world_.run(2min);
  publish(3);
  expect_others_served(5);
  expect_healed(5);
}

// A sector of one event: the deliveries of all others go on, and its own once it can be read again.
TEST_P(DamagedReads, OfOneEventThatTheDiskCannotReadHoldUpNoOtherRetry) {
  world_.sender.receivers[kDamaged].mood = Mood::broken;
  publish(4);
  world_.sender.receivers[kDamaged].mood = Mood::fine;
  disk_.faults.stuck_event = [this](EventSeq event) { return event == world_.acked.front().seq; };
  world_.run(3min);
  EXPECT_EQ(delivered(kDamaged), 3u);
  EXPECT_TRUE(world_.engine->store_works());
  world_.crash();
  publish(3);
  world_.run(2min);
  EXPECT_EQ(delivered(kDamaged), 6u);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 1u);
  disk_.faults.stuck_event = {};
  world_.run(2min);
  EXPECT_EQ(delivered(kDamaged), 7u);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

TEST_P(DamagedReads, OfOneEventThatTheDiskCannotReadHoldUpNoWindow) {
  world_.update({.id = ids_.front(), .settings = pausing(true)});
  publish(40);
  disk_.faults.stuck_event = [this](EventSeq event) {
    return event == world_.acked[20].seq || event == world_.acked[21].seq;
  };
  world_.update({.id = ids_.front(), .settings = pausing(false)});
  world_.run(1min);
  EXPECT_EQ(delivered(kDamaged), 38u);
  EXPECT_EQ(delivered(kSound), 40u);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 2u);
  world_.crash();
  world_.run(2min);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 2u);
  disk_.faults.stuck_event = {};
  world_.run(2min);
  EXPECT_EQ(delivered(kDamaged), 40u);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

// What is before it goes on; what is behind it waits, as everything does behind a delivery that is not final.
TEST_P(DamagedReads, OfOneEventThatTheDiskCannotReadHoldUpAnOrderedEndpointInItsOrder) {
  auto pausing_in_order = pausing(true);
  pausing_in_order.set(&EndpointSettings::ordered, true);
  world_.update({.id = ids_.front(), .settings = pausing_in_order});
  publish(12);
  disk_.faults.stuck_event = [this](EventSeq event) { return event == world_.acked[7].seq; };
  world_.update({.id = ids_.front(), .settings = pausing(false)});
  world_.run(3min);
  EXPECT_EQ(delivered(kDamaged), 7u);
  EXPECT_EQ(delivered(kSound), 12u);
  disk_.faults.stuck_event = {};
  world_.run(2min);
  EXPECT_EQ(delivered(kDamaged), 12u);
  std::vector<EventId> sent, published;
  for (const auto& seen : world_.sender.seen) {
    if (seen.endpoint == kDamaged) sent.push_back(seen.event);
  }
  for (const auto& event : world_.acked) published.push_back(event.id);
  EXPECT_EQ(sent, published);
}

// A retry by hand that meets it waits by its schedule, and holds up neither others by hand nor by schedule.
TEST_P(DamagedReads, OfOneEventThatTheDiskCannotReadHoldUpNoRetryByHand) {
  world_.sender.receivers[kDamaged].mood = Mood::broken;
  publish(3);
  disk_.faults.stuck_event = [this](EventSeq event) { return event == world_.acked.front().seq; };
  world_.crash();
  world_.sender.receivers[kDamaged].mood = Mood::fine;
  for (const auto& event : world_.acked) world_.retry({event.seq, kDamaged});
  world_.run(20s);
  EXPECT_EQ(delivered(kDamaged), 2u);
  disk_.faults.stuck_event = {};
  world_.run(2min);
  EXPECT_EQ(delivered(kDamaged), 3u);
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u);
}

TEST_P(DamagedReads, OfNumbersThatDoNotAscendCostThoseAlone) {
  world_.sender.receivers[kDamaged].mood = Mood::hanging;
  world_.sender.receivers[kSound].mood = Mood::hanging;
  publish(4);
  world_.sender.receivers[kDamaged].mood = world_.sender.receivers[kSound].mood = Mood::fine;
  disk_.faults.spoils = [](EventBatch& batch) {
    if (batch.events.size() > 2) std::swap(batch.events[0], batch.events[1]);
  };
  world_.crash();
  world_.run(1min);
  EXPECT_EQ(delivered(kSound), 3u);
  EXPECT_EQ(world_.observer.troubles,
            (std::vector{"event " + std::to_string(world_.acked.front().seq.value)}));
  publish(5);
  EXPECT_EQ(delivered(kSound), 8u);
}

TEST_P(DamagedReads, AreTriedLessAndLess) {
  world_.sender.receivers[kDamaged].mood = Mood::broken;
  publish(1);
  damage();
  world_.crash();
  world_.run(5min);
  const auto first = disk_.faults.damaged_reads;
  EXPECT_GT(first, 5u);
  EXPECT_LT(first, 15u);
  world_.run(1h);
  EXPECT_NEAR(static_cast<double>(disk_.faults.damaged_reads - first), 60.0, 2.0) << "every minute";
}

// The disk says of some of its sectors what it would say if all of it were away.
INSTANTIATE_TEST_SUITE_P(Each, DamagedReads,
                         testing::Values(HowRead{"in_the_turn", false, ErrorCode::damaged},
                                         HowRead{"late", true, ErrorCode::damaged},
                                         HowRead{"late_by_a_disk_that_cannot", true, ErrorCode::unavailable}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace exposee::sim
