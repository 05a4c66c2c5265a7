// What an endpoint is owed beyond its window: it costs nobody else anything, is known after a start, and arrives.
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

// So small that a few dozen events are a long backlog.
constexpr engine::EngineLimits kTiny{.window = 8,
                                     .stopped_window = 3,
                                     .body_bytes = 2'000,
                                     .least_share_bytes = 300,
                                     .read_step = 5,
                                     .reads_per_turn = 7,
                                     .read_bytes_per_turn = 500,
                                     .retries_per_turn = 4,
                                     .pack_bytes = 10,
                                     .packs_per_checkpoint = 6};

class Backlog : public testing::Test {
 protected:
  static engine::EngineSettings settings() {
    engine::EngineSettings settings;
    settings.limits = kTiny;
    settings.retention = 1h;
    return settings;
  }

  Backlog() {
    id_ = (*world_.add_endpoint("http://a.example/", {"user_send_message"}))->endpoint->id;
    world_.add_endpoint("http://b.example/", {"user_registered"});
    set_paused(true);
  }

  void set_paused(bool paused) { world_.update({.id = id_, .settings = pausing(paused)}); }
  // One event in `in_all` is owed to the first endpoint, the others to the second.
  void publish(std::size_t owed, std::size_t in_all) {
    for (std::size_t i = 0; i < owed; ++i) {
      world_.publish_soon("user_send_message", "{}");
      for (std::size_t n = 1; n < in_all; ++n) world_.publish_soon("user_registered", "{}");
      if (i % 20 == 19) world_.run(10ms);
    }
    world_.run(30s);
  }
  std::uint64_t owed() { return world_.engine->dispatcher().owed(); }
  const engine::Lane& lane() { return *world_.engine->dispatcher().find_lane(EndpointNumber{1}); }
  // How often each event came to the endpoint with success, all in all.
  std::map<EventId, int> received(std::uint64_t endpoint) {
    std::map<EventId, int> times;
    for (const auto& seen : world_.sender.seen)
      times[seen.event] += seen.endpoint.value == endpoint && seen.status / 100 == 2;
    std::erase_if(times, [](const auto& entry) { return entry.second == 0; });
    return times;
  }
  void expect_each_once(std::uint64_t endpoint, std::size_t events) {
    const auto times = received(endpoint);
    EXPECT_EQ(times.size(), events);
    for (const auto& [event, count] : times) EXPECT_EQ(count, 1);
  }
  std::size_t packs() { return disk_.data->state.packs.size(); }

  Disk disk_;
  World world_{disk_.options(1, settings())};
  EndpointId id_;
};

TEST_F(Backlog, APausedEndpointHoldsUpNobodyHoldsAHandfulAndIsOwedExactlyThatAfterAStart) {
  publish(300, 3);
  EXPECT_EQ(world_.refused, 0u);
  expect_each_once(2, 600);
  EXPECT_LE(lane().backlog.size(), kTiny.stopped_window);
  EXPECT_EQ(owed(), 300u);
  for (int start = 0; start < 3; ++start) {
    start == 1 ? world_.stop_and_restart() : world_.crash();
    EXPECT_EQ(owed(), 300u) << "from the first moment";
    EXPECT_LE(lane().backlog.size(), kTiny.stopped_window);
    world_.run(2s);
    EXPECT_EQ(owed(), 300u);
  }
  set_paused(false);
  world_.run(5ms);
  world_.crash();
  world_.run(60s);
  EXPECT_EQ(owed(), 0u);
  EXPECT_EQ(received(1).size(), 300u);
  EXPECT_EQ(packs(), 0u);
}

TEST_F(Backlog, WhatWaitedArrivesOnceAndInPartsWhileMoreComes) {
  publish(150, 2);
  set_paused(false);
  for (int i = 0; i < 50; ++i) {
    publish(3, 2);
    if (i % 10 == 5) set_paused(true);
    if (i % 10 == 8) set_paused(false);
  }
  world_.run(30s);
  expect_each_once(1, 300);
  expect_each_once(2, 300);
  EXPECT_EQ(owed(), 0u);
  EXPECT_EQ(packs(), 0u);
}

TEST_F(Backlog, AnOrderedEndpointGetsItInOrder) {
  world_.update({.id = id_, .settings = setting_change(&EndpointSettings::ordered, true)});
  publish(100, 2);
  world_.crash();
  set_paused(false);
  for (int i = 0; i < 20; ++i) publish(2, 1);
  world_.run(60s);
  std::map<EventId, EventSeq> numbers;
  for (const auto& acked : world_.acked) numbers[acked.id] = acked.seq;
  std::vector<EventSeq> order;
  for (const auto& seen : world_.sender.seen) {
    if (seen.endpoint.value == 1) order.push_back(numbers[seen.event]);
  }
  EXPECT_EQ(order.size(), 140u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_F(Backlog, ADeadEndpointIsOwedExactlyThatAfterAStart) {
  world_.sender.receivers[EndpointNumber{1}].mood = Mood::refusing;
  set_paused(false);
  publish(300, 2);
  EXPECT_EQ(owed(), 300u);
  EXPECT_LE(lane().backlog.size(), kTiny.window);
  world_.crash();
  world_.run(2s);
  EXPECT_EQ(owed(), 300u);
  world_.sender.receivers[EndpointNumber{1}].mood = Mood::fine;
  world_.run(std::chrono::hours{24});
  expect_each_once(1, 300);
  EXPECT_EQ(owed(), 0u);
}

TEST_F(Backlog, ASlowEndpointIsFarBehindAndStillOwedExactlyThatAfterAStart) {
  world_.update({.id = id_, .settings = setting_change(&EndpointSettings::rate_per_second, 2)});
  set_paused(false);
  publish(200, 2);
  world_.run(10s);
  const auto left = owed();
  EXPECT_GT(left, 50u);
  world_.stop_and_restart();
  world_.run(1s);
  EXPECT_LE(owed(), left);
  EXPECT_GE(owed() + 10, left);
  world_.run(300s);
  expect_each_once(1, 200);
  EXPECT_EQ(owed(), 0u);
  EXPECT_EQ(packs(), 0u);
}

TEST_F(Backlog, WhatAnEndpointWaitsForIsKeptAndWhatOthersGotIsForgotten) {
  const auto waiting = must_publish(world_, "user_send_message");
  world_.run(1min);
  const auto done = must_publish(world_, "user_registered");
  world_.run(3h);
  EXPECT_TRUE(world_.store->load_events({{done.seq}}, SIZE_MAX)->events.empty()) << "though an older event waits";
  EXPECT_FALSE(world_.store->load_events({{waiting.seq}}, SIZE_MAX)->events.empty());
  set_paused(false);
  world_.run(3h);
  EXPECT_EQ(received(1).size(), 1u);
  EXPECT_TRUE(world_.store->load_events({{waiting.seq}}, SIZE_MAX)->events.empty());
}

TEST_F(Backlog, WhatIsAskedForByHandOutOfAPackIsSentOnceAndCountsOnce) {
  std::vector<EventSeq> events;
  for (int i = 0; i < 60; ++i) events.push_back(must_publish(world_, "user_send_message").seq);
  world_.run(30s);
  world_.sender.receivers[EndpointNumber{1}].mood = Mood::hanging;
  world_.update({.id = id_, .settings = setting_change(&EndpointSettings::max_in_flight, 1)});
  set_paused(false);
  world_.run(1s);
  for (const auto at : {59u, 20u, 40u}) {
    const auto asked = world_.retry({events[at], EndpointNumber{1}});
    ASSERT_TRUE(asked && *asked);
    EXPECT_EQ(owed(), 60u);
  }
  world_.sender.receivers[EndpointNumber{1}].mood = Mood::fine;
  world_.run(1h);
  expect_each_once(1, 60);
  EXPECT_EQ(owed(), 0u);
}

// A start removes a damaged pack, and marks that spoke of it must go down with it.
TEST_F(Backlog, OfADamagedPackNothingIsLostThoughTheProcessEndsRightAfterItsStart) {
  publish(300, 2);
  auto& packs = disk_.data->state.packs;
  const auto damaged = std::next(packs.begin(), 4), next = std::next(damaged);
  damaged->second.add(next->first.first);  // which no other pack may name
  world_.crash();
  EXPECT_FALSE(world_.observer.troubles.empty());
  world_.crash();
  EXPECT_EQ(owed(), 300u);
  set_paused(false);
  world_.run(60s);
  expect_each_once(1, 300);
}

TEST_F(Backlog, OfAnEndpointThatIsRemovedOrDisabledThePacksGo) {
  publish(200, 1);
  EXPECT_GT(packs(), 10u);
  world_.remove(id_);
  EXPECT_EQ(owed(), 0u);
  world_.run(1min);
  EXPECT_EQ(packs(), 0u);
}

TEST_F(Backlog, PacksOfAnEndpointThatIsRemovedGoAfterACrashToo) {
  publish(200, 1);
  world_.remove(id_);
  world_.crash();
  world_.run(1min);
  EXPECT_EQ(owed(), 0u);
  EXPECT_EQ(packs(), 0u);
}

TEST_F(Backlog, WhatIsUnsubscribedFromIsNotSentAndNotCounted) {
  world_.update({.id = id_, .patterns = std::vector<std::string>{"user_send_message", "user_registered"}});
  publish(50, 2);
  EXPECT_EQ(owed(), 100u);
  world_.update({.id = id_, .patterns = std::vector<std::string>{"user_registered"}});
  set_paused(false);
  world_.run(30s);
  expect_each_once(1, 50);
  EXPECT_EQ(owed(), 0u);
  EXPECT_EQ(packs(), 0u);
}

// `count` events of this many bytes each for every endpoint, past the budget by far.
void publish_large(World& world, int count) {
  std::string data(1'902, 'x');
  data.front() = data.back() = '"';
  for (int i = 0; i < count; ++i) world.publish_soon("user_registered", data);
}

engine::EngineSettings little_memory() {
  engine::EngineSettings settings;
  settings.limits.body_bytes = 20'000;
  settings.limits.least_share_bytes = 1'000;
  settings.limits.read_bytes_per_turn = 6'000;
  return settings;
}

TEST(BodyBudget, ALaneThatHasItsShareLetsTheEngineRestUntilItGoesOn) {
  Disk disk;
  World world(disk.options(1, little_memory()));
  const auto slow = (*world.add_endpoint("http://slow.example/", {"*"}))->endpoint;
  world.update({.id = slow->id, .settings = setting_change(&EndpointSettings::rate_per_second, 2)});
  publish_large(world, 100);
  const auto before = world.observer.turns;
  for (int i = 0; i < 600 && world.observer.turns < before + 20'000; ++i) world.run(100ms);
  EXPECT_EQ(world.sender.seen.size(), 100u);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
  EXPECT_LT(world.observer.turns - before, 2'000u);
}

TEST(BodyBudget, BoundsWhatAStartReadsBackInOneTurnAndInAll) {
  constexpr std::size_t kLanes = 20, kBody = 2'500;
  Disk disk;
  auto settings = little_memory();
  settings.max_in_flight_per_endpoint = 1;
  World world(disk.options(1, settings));
  for (std::size_t n = 0; n < kLanes; ++n) {
    const auto made = world.add_endpoint("http://dead.example/" + std::to_string(n), {"*"});
    world.sender.receivers[(*made)->endpoint->number].mood = Mood::hanging;
  }
  publish_large(world, 100);
  world.run(200ms);
  world.crash();
  const auto held = [&] { return world.engine->dispatcher().held_bytes(); };
  for (int turns = 0; turns < 500; ++turns) {
    const auto before = held();
    world.step();
    EXPECT_LE(held(), before + settings.limits.read_bytes_per_turn + kBody);
    EXPECT_LE(held(), settings.limits.body_bytes + kLanes * kBody / 4) << "lanes share what they read";
  }
  EXPECT_GT(held(), 0u);
  for (std::uint64_t n = 1; n <= kLanes; ++n) world.sender.receivers[EndpointNumber{n}].mood = Mood::fine;
  world.run(std::chrono::hours{24});
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

// All of them are due, and may start, in the very turn in which their endpoint goes on.
TEST(BodyBudget, BoundsTheEventsOfRetriesThatOneTurnReadsBack) {
  constexpr std::size_t kBody = 2'500;
  Disk disk;
  const auto settings = little_memory();
  World world(disk.options(1, settings));
  const auto made = *world.add_endpoint("http://away.example/", {"*"}, RetrySchedule{{1s}});
  auto& receiver = world.sender.receivers[made->endpoint->number];
  receiver.mood = Mood::broken;
  publish_large(world, 8);
  world.run(500ms);
  world.update({.id = made->endpoint->id, .settings = pausing(true)});
  world.run(10s);
  receiver.mood = Mood::fine;
  const auto held = [&] { return world.engine->dispatcher().held_bytes(); };
  ASSERT_EQ(held(), 0u);
  world.update({.id = made->endpoint->id, .settings = pausing(false)});
  for (int turns = 0; turns < 500; ++turns) {
    const auto before = held();
    world.step();
    EXPECT_LE(held(), before + settings.limits.read_bytes_per_turn + kBody);
  }
  world.run(10s);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

// Were each body counted in every lane that waits for it, the paused ones would leave a healthy one no room.
TEST(BodyBudget, LanesThatWaitForTheSameEventsShareIt) {
  Disk disk;
  engine::EngineSettings settings;
  settings.limits.body_bytes = 20'000;
  settings.limits.least_share_bytes = 1'000;
  World world(disk.options(3, settings));
  for (int n = 0; n < 40; ++n) {
    const auto made = world.add_endpoint("http://paused.example/" + std::to_string(n), {"*"});
    world.update({.id = (*made)->endpoint->id, .settings = pausing(true)});
  }
  const auto healthy = (*world.add_endpoint("http://healthy.example/", {"*"}))->endpoint->number;
  const std::string data = '"' + std::string(400, 'x') + '"';
  for (int i = 0; i < 500; ++i) world.publish_soon("user_registered", data);
  const auto begin = world.clock.true_now();
  std::size_t came = 0;
  for (int turns = 0; came < 500 && turns < 5'000; ++turns) {
    world.run(1ms);
    came = static_cast<std::size_t>(
        std::ranges::count(world.sender.seen, healthy, &Seen::endpoint));
  }
  EXPECT_EQ(came, 500u);
  EXPECT_LT(world.clock.true_now() - begin, Duration{1s});
}

// Whether it came with the event, was read back because its lane lagged, or for another attempt.
TEST(Bodies, AreHeldOnceHoweverTheyCame) {
  constexpr std::size_t kEvents = 100;
  const EndpointNumber hanging{1}, lagging{2}, failing{3};
  Disk disk;
  World world(disk.options(3));
  EndpointId paused;
  for (const auto* url : {"http://a.example/", "http://b.example/", "http://c.example/"}) {
    const auto& endpoint = *(*world.add_endpoint(url, {"user_registered"}))->endpoint;
    if (endpoint.number == lagging) paused = endpoint.id;
  }
  world.update({.id = paused, .settings = pausing(true)});
  world.sender.receivers[hanging].mood = world.sender.receivers[lagging].mood = Mood::hanging;
  world.sender.receivers[failing].mood = Mood::broken;
  const auto& dispatcher = world.engine->dispatcher();
  for (std::size_t n = 0; n < kEvents; ++n)
    world.publish_soon("user_registered", '"' + std::string(1'000, 'x') + '"');
  world.run(1s);
  const auto once = dispatcher.held_bytes();
  EXPECT_GE(once, kEvents * 1'000);
  EXPECT_LT(once, kEvents * 1'200);
  world.update({.id = paused, .settings = pausing(false)});
  world.sender.receivers[failing].mood = Mood::hanging;
  world.run(8s);
  const auto& late = *dispatcher.find_lane(lagging);
  EXPECT_EQ(late.flights.in_flight() + late.backlog.size(), kEvents) << "all are in memory";
  EXPECT_GT(dispatcher.find_lane(failing)->flights.in_flight(), 0u) << "they are tried again";
  EXPECT_EQ(dispatcher.held_bytes(), once);
}

}  // namespace
}  // namespace exposee::sim
