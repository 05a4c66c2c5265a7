// Fairness in virtual time: what one endpoint does costs only itself.
#include <algorithm>

#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

std::vector<const Seen*> seen_by(const World& world, EndpointNumber endpoint) {
  std::vector<const Seen*> seen;
  for (const auto& s : world.sender.seen) {
    if (s.endpoint == endpoint) seen.push_back(&s);
  }
  return seen;
}

EndpointNumber add(World& world, engine::CreateEndpoint command) {
  const auto outcome = world.create(std::move(command));
  EXPECT_TRUE(outcome && *outcome);
  return (*outcome)->endpoint->number;
}

engine::CreateEndpoint endpoint(const std::string& name) {
  return {.url = *parse_url("http://" + name + ".example/"), .patterns = {"*"}};
}

TEST(Fairness, ARateLimitIsKeptAndUsesUpNoAttempts) {
  Disk disk;
  World world(disk.options(1));
  auto limited = endpoint("limited");
  limited.settings.rate_per_second = 10;
  const auto number = add(world, std::move(limited));
  for (int i = 0; i < 100; ++i) world.publish_soon("user_registered", "{}");
  world.run(5s);
  EXPECT_NEAR(static_cast<double>(seen_by(world, number).size()), 50.0, 2.0);
  world.run(10s);
  const auto seen = seen_by(world, number);
  ASSERT_EQ(seen.size(), 100u);
  for (const auto* s : seen) EXPECT_EQ(s->attempt, 1u) << "waiting for a token is no retry";
}

TEST(Fairness, ABreakerSparesADeadEndpointAndNoticesThatItIsBack) {
  Disk disk;
  World world(disk.options(2));
  const auto number = add(world, endpoint("dead"));
  world.sender.receivers[number].mood = Mood::refusing;
  for (int i = 0; i < 2000; ++i) world.publish_soon("user_registered", "{}");
  world.run(60s);
  const auto tried = seen_by(world, number).size();
  EXPECT_LT(tried, 300u) << "128 at once, then a probe now and then";
  EXPECT_NE(world.engine->dispatcher().breaker(number), BreakerState::closed);
  world.sender.receivers[number].mood = Mood::fine;
  world.run(20min);
  EXPECT_EQ(world.engine->dispatcher().breaker(number), BreakerState::closed);
  EXPECT_EQ(world.observer.breakers, "oc") << "said once each, however many probes it took";
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u) << "everything that waited has arrived";
}

TEST(Fairness, TenThousandDeadEndpointsComeBackWithoutAHerd) {
  Disk disk;
  World world(disk.options(3));
  constexpr int kDead = 10'000;
  for (int i = 0; i < kDead; ++i) world.put(endpoint("dead" + std::to_string(i)));
  world.step();
  for (std::uint64_t n = 1; n <= kDead; ++n) world.sender.receivers[EndpointNumber{n}].mood = Mood::refusing;
  for (int i = 0; i < 30; ++i) world.publish_soon("user_registered", "{}");
  world.run(30s);
  const auto healthy = add(world, endpoint("healthy"));
  for (auto& [number, receiver] : world.sender.receivers) receiver.mood = Mood::fine;
  const auto back_at = world.clock.now();
  world.sender.seen.clear();
  const auto published = must_publish(world);
  world.run(10min);
  std::map<EndpointNumber, int> in_first_second;
  for (const auto& s : world.sender.seen) {
    if (s.at < back_at + 1s) ++in_first_second[s.endpoint];
  }
  for (const auto& [number, count] : in_first_second) EXPECT_LE(count, 128) << "no receiver is hit by a wave";
  const auto first = seen_by(world, healthy);
  ASSERT_FALSE(first.empty());
  EXPECT_LT(first.front()->at - back_at, 1s) << "the healthy one is not starved";
  EXPECT_EQ(status_of(world, published.seq, healthy), DeliveryStatus::succeeded);
}

// I9: event k+1 is attempted only after k is final, and k stays final then.
void expect_order(World& world, EndpointNumber number) {
  std::map<EventId, EventSeq> order;
  for (const auto& acked : world.acked) order[acked.id] = acked.seq;
  EventSeq last{};
  for (const auto* s : seen_by(world, number)) {
    EXPECT_GE(order[s->event], last);
    last = std::max(last, order[s->event]);
  }
}

TEST(Fairness, AnOrderedEndpointGetsOneEventAtATimeAndInOrder) {
  Disk disk;
  World world(disk.options(4));
  auto ordered = endpoint("ordered");
  ordered.settings.ordered = true;
  ordered.settings.schedule = RetrySchedule{{1s, 1s, 1s, 1s}};
  const auto number = add(world, std::move(ordered));
  world.sender.receivers[number].mood = Mood::confused;
  for (int i = 0; i < 200; ++i) world.publish_soon("user_registered", "{}");
  for (int i = 0; i < 40; ++i) {
    world.run(Duration{static_cast<std::int64_t>(world.random.below(3'000'000))});
    if (i % 10 == 9) world.crash();
  }
  world.sender.receivers[number].mood = Mood::fine;
  world.run(1h);
  EXPECT_LE(world.sender.most_in_flight[number], 1u);
  expect_order(world, number);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

TEST(Fairness, APowerFailureDoesNotDisturbTheOrderOfAnOrderedEndpoint) {
  Disk disk;
  World world(disk.options(6));
  auto ordered = endpoint("ordered");
  ordered.settings.ordered = true;
  const auto number = add(world, std::move(ordered));
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 5; ++i) world.publish_soon("user_registered", "{}");
    world.run(Duration{static_cast<std::int64_t>(world.random.below(100'000))});
    world.fail_power();
  }
  world.run(10s);
  expect_order(world, number);
}

TEST(Fairness, FiveDaysOfFailuresDisableTheEndpoint) {
  Disk disk;
  World world(disk.options(5));
  auto forever = endpoint("failing");
  forever.settings.schedule = RetrySchedule{std::vector<std::chrono::milliseconds>(60, 4h)};
  const auto number = add(world, std::move(forever));
  world.sender.receivers[number].mood = Mood::broken;
  must_publish(world);
  world.run(24h * 4);
  EXPECT_TRUE(world.engine->registry()->endpoint_numbered(number)->failing_since);
  EXPECT_TRUE(world.engine->registry()->endpoint_numbered(number)->disabled_reason.empty());
  world.crash();
  world.run(24h * 2);
  EXPECT_FALSE(world.engine->registry()->endpoint_numbered(number)->disabled_reason.empty())
      << "a crash in between does not begin the count anew";
}

TEST(Fairness, FailingIsNotedAndForgottenAfterASuccess) {
  Disk disk;
  World world(disk.options(6));
  auto ill = endpoint("ill");
  ill.settings.schedule = RetrySchedule{{10min, 10min}};
  const auto number = add(world, std::move(ill));
  world.sender.receivers[number].mood = Mood::broken;
  must_publish(world);
  world.run(15min);
  EXPECT_TRUE(world.engine->registry()->endpoint_numbered(number)->failing_since);
  world.sender.receivers[number].mood = Mood::fine;
  world.run(15min);
  EXPECT_FALSE(world.engine->registry()->endpoint_numbered(number)->failing_since);
}

// The promise D8 in virtual time: 1,000 endpoints, 1,000 events a second, half of the endpoints hang.
Duration p99_of_healthy(bool hanging) {
  Disk disk;
  World world(disk.options(8));
  constexpr int kPairs = 490;  // each a healthy and a hanging endpoint of one event type
  for (int i = 0; i < kPairs; ++i) {
    world.declare("type" + std::to_string(i));
    for (const bool sick : {false, true}) {
      auto command = endpoint((sick ? "sick" : "well") + std::to_string(i));
      command.patterns = {"type" + std::to_string(i)};
      const auto number = add(world, std::move(command));
      if (sick && hanging) world.sender.receivers[number].mood = Mood::hanging;
    }
  }
  std::map<std::string, Instant> sent;
  for (int n = 0; n < 12'000; ++n) {
    world.publish_soon("type" + std::to_string(n % kPairs), "{\"n\":" + std::to_string(n) + "}");
    world.run(1ms);
    sent[world.acked.back().id.text()] = world.clock.now() - 1ms;
  }
  world.run(1s);
  std::vector<Duration> waits;
  for (const auto& s : world.sender.seen) {
    if (s.endpoint.value % 2 == 1 && sent.contains(s.event.text()))
      waits.push_back(s.at - sent[s.event.text()]);
  }
  EXPECT_EQ(waits.size(), 12'000u);
  std::ranges::sort(waits);
  return waits[waits.size() * 99 / 100];
}

TEST(Fairness, HalfOfAllEndpointsHangingDelaysTheOthersByATenthAtMost) {
  const auto calm = p99_of_healthy(false), rough = p99_of_healthy(true);
  EXPECT_LE(rough, std::max(calm + calm / 10, calm + Duration{10}));
}

// A fast receiver that cannot keep up slows acknowledgements down; a slow one never does.
TEST(Fairness, OnlyAFastReceiversPileHoldsAcknowledgementsBack) {
  for (const auto mood : {Mood::fine, Mood::slow}) {
    Disk disk;
    World world(disk.options(7));
    const auto number = add(world, endpoint("busy"));
    world.sender.receivers[number].mood = mood;
    for (int i = 0; i < 200; ++i) must_publish(world);
    world.run(1s);
    for (int i = 0; i < 3000; ++i) world.publish_soon("user_registered", "{}");
    world.step();
    const auto at_once = world.acked.size();
    EXPECT_EQ(at_once, 3000u) << "the first wave meets no pressure";
    world.run(2ms);  // the first responses show whether it is fast
    for (int i = 0; i < 3000; ++i) world.publish_soon("user_registered", "{}");
    world.step();
    if (mood == Mood::fine) {
      EXPECT_LT(world.acked.size(), 6000u);
    } else {
      EXPECT_EQ(world.acked.size(), 6000u);
    }
    world.run(60s);
    EXPECT_EQ(world.acked.size(), 6000u) << "held back is not refused";
    EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
  }
}

// Offers `per_ms` events each millisecond for so long; the longest time that an event waited for its
// acknowledgement, in steps of a millisecond.
Duration longest_wait_while_offered(World& world, int per_ms, std::chrono::milliseconds span) {
  std::vector<std::size_t> offered;  // in all, by millisecond
  std::size_t at_first = world.acked.size();
  std::size_t answered = 0;  // milliseconds whose events are all acknowledged
  std::size_t longest = 0;
  for (auto ms = 0ms; ms < span; ++ms) {
    for (int n = 0; n < per_ms; ++n) world.publish_soon("user_registered", "{}");
    offered.push_back((offered.empty() ? 0 : offered.back()) + per_ms);
    world.run(1ms);
    while (answered < offered.size() && world.acked.size() - at_first >= offered[answered]) ++answered;
    longest = std::max(longest, offered.size() - answered);
  }
  return std::chrono::milliseconds(longest);
}

// What counts is how the receiver answers now, not how it answered a minute ago.
TEST(Fairness, AReceiverThatWasFastAndTurnsSlowOrHangsHoldsNoAcknowledgementBackForLong) {
  for (const auto mood : {Mood::slow, Mood::hanging}) {
    Disk disk;
    World world(disk.options(9));
    const auto number = add(world, endpoint("turns"));
    (void)longest_wait_while_offered(world, 5, 1500ms);
    world.sender.receivers[number].mood = mood;
    EXPECT_LE(longest_wait_while_offered(world, 50, 400ms), 60ms);
    world.run(50ms);
    EXPECT_EQ(world.acked.size(), 5 * 1500 + 50 * 400u);
  }
}

// Most of its responses are prompt, so that something is heard of it all the while; the others take its places.
TEST(Fairness, AReceiverOfUnevenTimesHoldsNoAcknowledgementBack) {
  Disk disk;
  World world(disk.options(10));
  world.sender.receivers[add(world, endpoint("uneven"))].mood = Mood::uneven;
  (void)longest_wait_while_offered(world, 1, 100ms);
  for (int i = 0; i < 3'800; ++i) world.publish_soon("user_registered", "{}");
  world.run(200ms);
  int pressed = 0;
  for (int ms = 0; ms < 3'000; ++ms) {
    world.publish_soon("user_registered", "{}");
    world.run(1ms);
    pressed += world.engine->dispatcher().pressure().any();
  }
  EXPECT_EQ(pressed, 0) << "milliseconds";
}

// What does not fit into the window counts as well, or a lane that fell behind once would never press again.
TEST(Fairness, AFastReceiversPileHoldsAcknowledgementsBackAlsoBeyondItsWindow) {
  Disk disk;
  engine::EngineSettings settings;
  settings.limits.window = 64;
  World world(disk.options(8, settings));
  add(world, endpoint("busy"));
  (void)longest_wait_while_offered(world, 5, 100ms);
  const auto before = world.acked.size();
  (void)longest_wait_while_offered(world, 200, 100ms);
  EXPECT_LT(world.acked.size() - before, 15'000u);
  world.run(60s);
  EXPECT_EQ(world.acked.size() - before, 20'000u);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

// Its backlog is from a time in which nobody could be sent anything: whoever publishes now does not wait for it.
TEST(Fairness, AReceiverThatCatchesUpHoldsNoAcknowledgementBack) {
  Disk disk;
  World world(disk.options(8));
  const auto number = add(world, endpoint("paused"));
  (void)longest_wait_while_offered(world, 5, 100ms);
  const auto id = world.engine->registry()->endpoint_numbered(number)->id;
  world.update({.id = id, .settings = pausing(true)});
  for (int i = 0; i < 20'000; ++i) world.publish_soon("user_registered", "{}");
  world.run(6s);
  world.update({.id = id, .settings = pausing(false)});
  world.run(20ms);
  EXPECT_LE(longest_wait_while_offered(world, 5, 200ms), 5ms);
  world.run(60s);
  EXPECT_EQ(world.engine->dispatcher().owed(), 0u);
}

}  // namespace
}  // namespace exposee::sim
