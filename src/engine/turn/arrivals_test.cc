#include "engine/turn/arrivals.h"

#include <gtest/gtest.h>

#include <string>

#include "fakes/manual_clock.h"
#include "fakes/memory_store.h"
#include "fakes/quiet_observer.h"

namespace exposee::engine {
namespace {

constexpr Instant kNow = from_micros(1'000'000'000);

class ArrivalsTest : public testing::Test {
 protected:
  void publish(const std::string& type) { arrivals_.inbox().submit(PublishEvent{.type_name = type}); }
  void declare(const std::string& type) { arrivals_.inbox().submit(DeclareType{.name = type}); }
  void result(std::uint64_t ticket) {
    std::vector<SendResult> results;
    results.push_back({.ticket = ticket});
    arrivals_.inbox().answered(std::move(results));
  }
  // Of the turn: "a +b ", + for those that ask.
  std::string commands() {
    std::string text;
    for (const auto& command : arrivals_.commands()) {
      if (const auto* event = std::get_if<PublishEvent>(&command)) text += event->type_name + " ";
      if (const auto* type = std::get_if<DeclareType>(&command)) text += "+" + type->name + " ";
    }
    return text;
  }
  std::string next_turn() {
    arrivals_.clear();
    arrivals_.take();
    return commands();
  }
  static std::string tickets(const Arrivals::Results& results) {
    std::string text;
    for (const auto& some : results) {
      for (const auto& result : some) text += std::to_string(result.ticket) + " ";
    }
    return text;
  }

  EngineSettings settings_;
  fakes::MemoryStore store_;
  fakes::ManualClock clock_;
  fakes::QuietObserver observer_;
  Housekeeping housekeeping_{settings_, store_, clock_, observer_};
  Arrivals arrivals_{housekeeping_};
};

TEST_F(ArrivalsTest, ATurnHasEverythingThatCameSinceTheLastOne) {
  publish("a");
  declare("b");
  result(1);
  result(2);
  EXPECT_EQ(next_turn(), "a +b ");
  EXPECT_EQ(tickets(arrivals_.results()), "1 2 ");
  publish("c");
  EXPECT_EQ(commands(), "a +b ") << "it comes with the next one";
  EXPECT_EQ(next_turn(), "c ");
  EXPECT_EQ(next_turn(), "");
}

TEST_F(ArrivalsTest, EachKindOfCommandIsKnown) {
  EXPECT_EQ(kind_of(Inspect{}), CommandKind::looks);
  EXPECT_EQ(kind_of(PublishEvent{}), CommandKind::publishes);
  EXPECT_EQ(kind_of(PublishBatch{}), CommandKind::publishes);
  EXPECT_EQ(kind_of(RetryDelivery{}), CommandKind::asks);
  EXPECT_EQ(kind_of(ReceiversResponded{}), CommandKind::asks);
}

TEST_F(ArrivalsTest, WhatIsLeftComesBeforeWhatComesInItsOrder) {
  for (const char* type : {"a", "b"}) publish(type);
  next_turn();
  EXPECT_FALSE(arrivals_.has_left());
  arrivals_.leave(std::exchange(arrivals_.commands(), {}));
  EXPECT_TRUE(arrivals_.has_left());
  publish("c");
  EXPECT_EQ(next_turn(), "a b c ");
  EXPECT_FALSE(arrivals_.has_left());
}

TEST_F(ArrivalsTest, WhatAsksCanBeLeftAlone) {
  publish("a");
  declare("b");
  publish("c");
  declare("d");
  next_turn();
  arrivals_.leave_asking();
  EXPECT_EQ(commands(), "a c ");
  EXPECT_EQ(next_turn(), "+b +d ");
}

TEST_F(ArrivalsTest, WhileItIsUnknownHowATurnEndedResultsAreKeptAndCommandsGivenUp) {
  publish("a");
  next_turn();
  publish("b");
  result(1);
  EXPECT_EQ(arrivals_.take_meanwhile().size(), 1u);
  result(2);
  EXPECT_TRUE(arrivals_.take_meanwhile().empty());
  EXPECT_EQ(commands(), "a ") << "the turn is as it was";
  EXPECT_EQ(tickets(arrivals_.kept_results()), "1 2 ") << "for the next one";
  result(3);
  next_turn();
  EXPECT_EQ(tickets(arrivals_.kept_results()), "1 2 ");
  EXPECT_EQ(tickets(arrivals_.results()), "3 ");
}

TEST_F(ArrivalsTest, ReadsAreThereUntilTheyAreTaken) {
  BacklogResults results;
  results.windows.resize(2);
  arrivals_.inbox().backlog_read(std::move(results));
  next_turn();
  EXPECT_EQ(arrivals_.reads().windows.size(), 2u);
  next_turn();
  EXPECT_EQ(arrivals_.reads().windows.size(), 2u);
}

TEST_F(ArrivalsTest, WhatIsDeferredWaitsUntilRowsOfItsEndpointHaveEnded) {
  const Registry registry;
  const Backpressure pressure(registry.patterns());
  declare("b");
  publish("a");
  next_turn();
  housekeeping_.cancel(EndpointNumber{1});
  arrivals_.defer(0, EndpointNumber{1});
  EXPECT_TRUE(arrivals_.deferrals().hold(EndpointNumber{1}));
  next_turn();
  arrivals_.sort(registry, pressure, {}, true, TurnRoom::unlimited());
  EXPECT_EQ(commands(), "");
  housekeeping_.keep(EndpointNumber{1});
  publish("c");
  next_turn();
  arrivals_.sort(registry, pressure, {}, true, TurnRoom::unlimited());
  EXPECT_EQ(commands(), "+b c ");
}

TEST_F(ArrivalsTest, WhatThereIsNoRoomForComesWithTheNextTurnsInItsOrder) {
  const Registry registry;
  const Backpressure pressure(registry.patterns());
  const TurnRoom room({.events_per_turn = 2});
  const auto next = [&] {
    next_turn();
    arrivals_.sort(registry, pressure, {}, false, room);
    return commands();
  };
  for (const char* type : {"a", "b", "c"}) publish(type);
  declare("d");
  result(1);
  EXPECT_EQ(next(), "a b ");
  EXPECT_EQ(tickets(arrivals_.results()), "1 ") << "what came back waits for no command";
  publish("e");
  EXPECT_TRUE(arrivals_.has_left());
  EXPECT_EQ(next(), "c +d ");
  EXPECT_EQ(next(), "e ");
  EXPECT_FALSE(arrivals_.has_left());
}

TEST_F(ArrivalsTest, WhatIsLeftIsGivenUpBesideATurnOfWhichNobodyKnowsHowItEnded) {
  const Registry registry;
  const Backpressure pressure(registry.patterns());
  for (const char* type : {"a", "b", "c"}) publish(type);
  next_turn();
  arrivals_.sort(registry, pressure, {}, false, TurnRoom({.events_per_turn = 1}));
  publish("d");
  EXPECT_EQ(arrivals_.take_meanwhile().size(), 3u);
  EXPECT_EQ(commands(), "a ");
}

TEST_F(ArrivalsTest, WhenNoTurnFollowsAllThatWaitsIsGivenUp) {
  const Registry registry;
  const Backpressure pressure(registry.patterns());
  for (const char* type : {"a", "b", "c"}) publish(type);
  next_turn();
  arrivals_.sort(registry, pressure, {}, false, TurnRoom({.events_per_turn = 2}));
  housekeeping_.cancel(EndpointNumber{1});
  arrivals_.defer(0, EndpointNumber{1});
  publish("d");
  EXPECT_EQ(arrivals_.take_rest().size(), 3u) << "one that is left, one that is deferred, one that came";
  EXPECT_FALSE(arrivals_.has_left());
  EXPECT_TRUE(arrivals_.deferrals().empty());
}

TEST_F(ArrivalsTest, WhatATurnHadBegunWithComesBeforeWhatItHadNoRoomFor) {
  const Registry registry;
  const Backpressure pressure(registry.patterns());
  for (const char* type : {"a", "b", "c"}) publish(type);
  next_turn();
  arrivals_.sort(registry, pressure, {}, false, TurnRoom({.events_per_turn = 2}));
  arrivals_.leave(std::exchange(arrivals_.commands(), {}));
  EXPECT_EQ(next_turn(), "a b c ");
}

TEST_F(ArrivalsTest, LinesThatAreFullLeaveHalfOfATurnToAllElse) {
  Registry registry;
  registry.add_type({.number = registry.next_type(), .name = "a"});
  PatternTable patterns;
  patterns.add_type("a");
  Backpressure pressure(patterns);
  const EndpointState all{std::make_shared<const Endpoint>(), {{patterns.intern("a"), RegistryVersion{1}}}};
  Lane fast(EndpointNumber{1});
  fast.gate.set_open(true, kNow);
  fast.pace.set_limit(64, 64);
  fast.note_success(std::chrono::microseconds(100), kNow);
  for (std::uint64_t seq = 1; seq <= kUsualLimits.pile + 1; ++seq) {
    fast.backlog.push(std::make_shared<const Event>(Event{.seq = EventSeq{seq}}), true, kNow);
  }
  pressure.advance(kNow);
  pressure.update(fast, all);
  const auto next = [&](bool hold_none) {
    next_turn();
    arrivals_.sort(registry, pressure, kNow, hold_none, TurnRoom({.events_per_turn = 2}));
    return commands();
  };
  for (int n = 0; n < 6; ++n) publish("a");
  EXPECT_EQ(next(false), "") << "they wait in line";
  declare("d");
  EXPECT_EQ(next(true), "a +d ");
  EXPECT_EQ(next(true), "a a ");
}

}  // namespace
}  // namespace exposee::engine
