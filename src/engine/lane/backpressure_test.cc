#include "engine/lane/backpressure.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart = from_micros(1'000'000'000);
constexpr TypeNumber kType{3};

EventRef event(std::uint64_t seq) {
  auto e = std::make_shared<Event>();
  e->seq = EventSeq{seq};
  e->body = "{}";
  return e;
}

// Of three types; nobody is subscribed to the first.
PatternTable& patterns() {
  static auto table = [] {
    PatternTable made;
    for (const auto* name : {"a", "b.a", "b.b"}) made.add_type(name);
    return made;
  }();
  return table;
}

EndpointState subscribed(EndpointSettings settings = {}) {
  Endpoint endpoint;
  endpoint.settings = std::move(settings);
  OpenSubscriptions open{{patterns().intern("b.*"), RegistryVersion{2}}, {patterns().intern("b.b"), RegistryVersion{1}}};
  return {std::make_shared<const Endpoint>(std::move(endpoint)), std::move(open)};
}

// Of a receiver that answered within a moment just now, with so many events waiting.
std::unique_ptr<Lane> lane(std::uint64_t number, std::size_t waiting, Duration took = 100us) {
  auto lane = std::make_unique<Lane>(EndpointNumber{number});
  lane->gate.set_open(true, kStart);
  lane->pace.set_limit(64, 64);
  lane->note_success(took, kStart);
  for (std::uint64_t seq = 1; seq <= waiting; ++seq) lane->backlog.push(event(seq), true, kStart);
  lane->owed.count = waiting;
  return lane;
}

TEST(Backpressure, IsOfFastReceiversWhosePileGrows) {
  struct Case {
    std::string story;
    std::size_t waiting;
    Duration took;
    EndpointSettings settings;
    bool presses;
  };
  const Case cases[] = {
      {"little waits", kUsualLimits.pile, 100us, {}, false},
      {"much waits", kUsualLimits.pile + 1, 100us, {}, true},
      {"its receiver is slow", kUsualLimits.pile + 1, 30ms, {}, false},
      {"it keeps a rate", kUsualLimits.pile + 1, 100us, {.rate_per_second = 10}, false},
      {"it keeps order", kUsualLimits.pile + 1, 100us, {.ordered = true}, false},
  };
  for (const auto& c : cases) {
    Backpressure pressure(patterns());
    pressure.advance(kStart);
    const auto one = lane(1, c.waiting, c.took);
    pressure.update(*one, subscribed(c.settings));
    EXPECT_EQ(pressure.on(kType), c.presses) << c.story;
    EXPECT_EQ(pressure.on(TypeNumber{2}), c.presses) << c.story;
    EXPECT_FALSE(pressure.on(TypeNumber{1})) << "nobody who presses is subscribed to it";
  }
}

TEST(Backpressure, IsNotOfAReceiverWhoseTimeVaries) {
  struct Case {
    std::string story;
    int late, of;
    Duration took;
    bool presses;
  };
  const Case cases[] = {
      {"one in ten takes long", 1, 10, 2s, false},
      {"two in three do what they are asked, the others answer from a cache", 2, 3, 60ms, false},
      {"one in a hundred is a little late", 1, 100, 60ms, true},
  };
  for (const auto& c : cases) {
    Backpressure pressure(patterns());
    pressure.advance(kStart);
    const auto one = lane(1, kUsualLimits.pile + 1);
    bool pressed = false;
    for (int n = 1; n <= 300; ++n) {
      one->note_success(n % c.of < c.late ? c.took : 1ms, kStart);
      pressure.update(*one, subscribed());
      pressed |= n > 20 && pressure.on(kType);  // by then it is known
    }
    EXPECT_EQ(pressed, c.presses) << c.story;
  }
}

TEST(Backpressure, LetsGoOfAReceiverThatIsOverdueHoweverPromptTheOthersAre) {
  Backpressure pressure(patterns());
  pressure.advance(kStart);
  const auto one = lane(1, kUsualLimits.pile + 1);
  const auto presses = [&] {
    one->note_success(100us, kStart);
    pressure.update(*one, subscribed());
    return pressure.on(kType);
  };
  EXPECT_TRUE(presses());
  one->pace.note_overdue();
  EXPECT_FALSE(presses());
  one->pace.note_overdue_ended();
  EXPECT_TRUE(presses());
}

TEST(Backpressure, LastsUntilTheLastOfThemLetsGoWhicheverIsFirst) {
  constexpr std::size_t kLanes = 5;
  for (std::size_t first = 0; first < kLanes; ++first) {
    Backpressure pressure(patterns());
    pressure.advance(kStart);
    std::vector<std::unique_ptr<Lane>> lanes;
    for (std::uint64_t n = 1; n <= kLanes; ++n) {
      lanes.push_back(lane(n, kUsualLimits.pile + 1));
      pressure.update(*lanes.back(), subscribed());
    }
    for (std::size_t i = 0; i < kLanes; ++i) {
      EXPECT_TRUE(pressure.on(kType));
      pressure.release(*lanes[(first + i) % kLanes]);
    }
    EXPECT_FALSE(pressure.any() || pressure.on(kType));
  }
}

// All that waits when nothing may wait any more, as at a stop, is let go in pieces, and what comes meanwhile
// of a type waits behind it.
TEST(AdmissionQueue, LetsGoNoMoreThanThereIsRoomForAndKeepsTheOrderOfEachType) {
  Registry registry;
  for (const char* name : {"a", "b.a", "b.b"}) {
    registry.add_type({.number = registry.next_type(), .name = name});
  }
  Backpressure pressure(patterns());
  AdmissionQueue queue;
  std::vector<Command> commands;
  const auto publish = [&](const char* type, const char* data) {
    commands.push_back(PublishEvent{.type_name = type, .data = data});
  };
  const auto sort = [&](bool hold_none) {
    queue.sort(commands, registry, pressure, kStart, hold_none, TurnRoom({.events_per_turn = 2}));
    std::string told;
    for (const auto& command : commands) told += std::get<PublishEvent>(command).data + " ";
    commands.clear();
    return told;
  };
  const auto one = lane(1, kUsualLimits.pile + 1);
  pressure.advance(kStart);
  pressure.update(*one, subscribed());
  for (const char* data : {"1", "2", "3"}) publish("b.a", data);
  for (const char* data : {"a", "b", "c"}) publish("b.b", data);
  EXPECT_EQ(sort(false), "");
  publish("b.a", "4");
  EXPECT_EQ(sort(true), "1 2 ");
  std::string rest;
  while (!queue.empty()) rest += sort(true);
  EXPECT_LT(rest.find('3'), rest.find('4'));
  EXPECT_LT(rest.find('a'), rest.find('b'));
  EXPECT_LT(rest.find('a'), rest.find('4')) << "each type has its turn";
  EXPECT_EQ(rest.size(), 2 * 5u);
}

TEST(Backpressure, LetsGoOfAllThatFellSilent) {
  Backpressure pressure(patterns());
  pressure.advance(kStart);
  const auto silent = lane(1, kUsualLimits.pile + 1), heard = lane(2, kUsualLimits.pile + 1),
             silent_too = lane(3, kUsualLimits.pile + 1);
  for (auto* each : {silent.get(), heard.get(), silent_too.get()}) pressure.update(*each, subscribed());
  EXPECT_EQ(pressure.next_silence(), kStart + kHeardLately);
  heard->note_success(100us, kStart + 10ms);
  pressure.advance(kStart + kHeardLately + 1us);
  EXPECT_TRUE(pressure.on(kType));
  EXPECT_TRUE(silent->pressure.on.empty() && silent_too->pressure.on.empty());
  EXPECT_EQ(pressure.next_silence(), kStart + 10ms + kHeardLately);
}

}  // namespace
}  // namespace exposee::engine
