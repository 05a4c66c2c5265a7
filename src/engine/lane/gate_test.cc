#include "engine/lane/gate.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart = from_micros(1'000'000'000);
constexpr Occupancy kNobody{.free = 1'000, .fast_full = false, .fast_dense = false};

EventRef event(std::uint64_t seq, std::string body = "{}") {
  auto e = std::make_shared<Event>();
  e->seq = EventSeq{seq};
  e->type = TypeNumber{1};
  e->version = RegistryVersion{1};
  e->body = std::move(body);
  return e;
}

DeliveryRow row(std::uint64_t seq, Instant due, bool asked = false) {
  return {.key = {EventSeq{seq}, EndpointNumber{1}}, .attempts = 1, .due = due, .asked = asked};
}

// One that is open, with room for two attempts, to which one event is owed.
struct Door {
  Door() {
    gate.set_open(true, kStart);
    pace.set_limit(2, 128);
    backlog.push(event(5), true, kStart);
  }
  Work work() const { return {backlog, retries, pace, in_flight, unsettled, has_set_aside}; }
  bool admits(Instant now = kStart, Occupancy occupancy = kNobody) {
    return gate.admit(work(), occupancy, now);
  }
  void fail(int times, Instant now = kStart) {
    for (int i = 0; i < times; ++i) {
      gate.note_failing(now);
      gate.note_failure(now, 0.5);
    }
  }
  void respond(int times, Duration took) {
    for (int i = 0; i < times; ++i) {
      pace.note_response(took, kStart);
      pace.grow(took);
    }
  }
  void ask(std::uint64_t seq) { retries.by_hand().add(row(seq, kStart, true), event(seq)); }

  Gate gate;
  Backlog backlog{kUsualLimits};
  Retries retries;
  Pace pace;
  std::size_t in_flight = 0, unsettled = 0;
  bool has_set_aside = false;
};

TEST(Gate, SaysWhetherTheNextAttemptMayStart) {
  struct Case {
    std::string story;
    std::function<void(Door&)> given;
    bool admits;
    Duration later{};
  };
  const auto opens_breaker = [](Door& d) { d.fail(kBreakerFailures); };
  const auto retry_only = [](Door& d, Instant due) {
    (void)d.backlog.pop();
    d.retries.by_schedule().add(row(1, due), event(1));
  };
  const Case cases[] = {
      {"an event waits", [](Door&) {}, true},
      {"nothing waits", [](Door& d) { (void)d.backlog.pop(); }, false},
      {"it is paused", [](Door& d) { d.gate.set_open(false, kStart); }, false},
      {"it is about to be disabled", [](Door& d) { d.gate.shut(); }, false},
      {"as many are under way as may be", [](Door& d) { d.in_flight = 2; }, false},
      {"what was asked for needs a place, too", [](Door& d) { d.in_flight = 2, d.ask(2); }, false},
      {"a retry is due", [&](Door& d) { retry_only(d, kStart); }, true},
      {"a retry is due, and its event is not read yet",
       [&](Door& d) { (void)d.backlog.pop(), d.retries.by_schedule().add(row(1, kStart)); }, false},
      {"... and an event waits", [](Door& d) { d.retries.by_schedule().add(row(1, kStart)); }, true},
      {"in order, a retry is due, and its event is not read yet",
       [](Door& d) { d.gate.set_ordered(true), d.retries.by_schedule().add(row(1, kStart)); }, false},
      {"it is held, and asked for by hand, but its event is not read yet",
       [](Door& d) { d.gate.hold(kStart + 30s, kStart), d.retries.by_hand().add(row(2, kStart, true)); },
       false},
      {"a retry is not due", [&](Door& d) { retry_only(d, kStart + 1s); }, false},
      {"... until then", [&](Door& d) { retry_only(d, kStart + 1s); }, true, 1s},
      {"in order, nothing is under way", [](Door& d) { d.gate.set_ordered(true); }, true},
      {"in order, one is under way", [](Door& d) { d.gate.set_ordered(true), d.in_flight = 1; }, false},
      {"in order, one is not on disk", [](Door& d) { d.gate.set_ordered(true), d.unsettled = 1; }, false},
      {"one is set aside", [](Door& d) { d.has_set_aside = true; }, true},
      {"in order, one is set aside", [](Door& d) { d.gate.set_ordered(true), d.has_set_aside = true; },
       false},
      {"in order, one is set aside, and asked for",
       [](Door& d) { d.gate.set_ordered(true), d.has_set_aside = true, d.ask(1); }, true},
      {"in order, an earlier event waits for its retry",
       [](Door& d) { d.gate.set_ordered(true), d.retries.by_schedule().add(row(1, kStart + 1s), event(1)); },
       false},
      {"not in order, an earlier event waits for its retry",
       [](Door& d) { d.retries.by_schedule().add(row(1, kStart + 1s), event(1)); }, true},
      {"it is held", [](Door& d) { d.gate.hold(kStart + 30s, kStart); }, false, 29s},
      {"its hold is over", [](Door& d) { d.gate.hold(kStart + 30s, kStart); }, true, 30s},
      {"it is held, but asked for by hand", [](Door& d) { d.gate.hold(kStart + 30s, kStart), d.ask(2); },
       true},
      {"somebody ended its hold", [](Door& d) { d.gate.hold(kStart + 30s, kStart), d.gate.resume(kStart); },
       true},
      {"its breaker is open", opens_breaker, false, 1s},
      {"it is time for a probe", opens_breaker, true, kBreakerFirstWait},
      {"a probe is under way", [&](Door& d) { opens_breaker(d), (void)d.gate.begin(true); }, false, 1h},
      {"its breaker is open, but asked for by hand", [&](Door& d) { opens_breaker(d), d.ask(2); }, true},
      {"by hand waits for the probe", [&](Door& d) { opens_breaker(d), d.ask(2), (void)d.gate.begin(true); },
       false},
      {"it is back", [&](Door& d) { opens_breaker(d), d.gate.note_return(kStart); }, true},
      {"this machine lacked something", [](Door& d) { d.gate.note_shortage(kStart); }, false},
      {"... also for what was asked for", [](Door& d) { d.gate.note_shortage(kStart), d.ask(2); }, false},
      {"... a moment ago", [](Door& d) { d.gate.note_shortage(kStart); }, true, kShortestHoldOff},
      {"its rate is used up", [](Door& d) { d.gate.set_rate(1, kStart), (void)d.admits(); }, false},
      {"... a second ago", [](Door& d) { d.gate.set_rate(1, kStart), (void)d.admits(); }, true, 1s},
  };
  for (const auto& c : cases) {
    Door door;
    c.given(door);
    EXPECT_EQ(door.admits(kStart + c.later), c.admits) << c.story;
  }
}

TEST(Gate, LeavesRoomForOthers) {
  struct Case {
    std::string story;
    std::size_t in_flight;
    Occupancy occupancy;
    bool slow, admits;
  };
  const Case cases[] = {
      {"nothing is free", 0, {0, false, false}, true, false},
      {"the last slot", 0, {1, false, false}, true, true},
      {"less than a quarter of what is free", 9, {40, false, false}, true, true},
      {"a quarter of what is free", 10, {40, false, false}, true, false},
      {"this machine is busy with fast receivers", 0, {1'000, true, true}, false, false},
      {"... which does not concern a slow one", 0, {1'000, true, true}, true, true},
      {"nearly so, and it has as many as a fast one needs",
       kFastConcurrency,
       {1'000, false, true},
       false,
       false},
      {"nearly so, and it has fewer", kFastConcurrency - 1, {1'000, false, true}, false, true},
  };
  for (const auto& c : cases) {
    Door door;
    door.pace.set_limit(500, 500);
    door.respond(2'000, c.slow ? 30ms : 100us);
    door.in_flight = c.in_flight;
    EXPECT_EQ(door.admits(kStart, c.occupancy), c.admits) << c.story;
  }
}

TEST(Gate, LetsTheSenderHaveMoreInHandOnlyWhileAllGoesWell) {
  struct Case {
    std::string story;
    std::function<void(Door&)> given;
    bool admits;
  };
  const Case cases[] = {
      {"all is well", [](Door&) {}, true},
      {"there is a rate to keep", [](Door& d) { d.gate.set_rate(100, kStart); }, false},
      {"a few retries wait", [](Door& d) { d.retries.by_schedule().add(row(1, kStart + 1h), event(1)); },
       true},
      {"others are in the store", [](Door& d) { d.retries.by_schedule().expect_more(); }, false},
      {"nothing waits but a retry",
       [](Door& d) { (void)d.backlog.pop(), d.retries.by_schedule().add(row(1, kStart), event(1)); }, false},
      {"its event is large",
       [](Door& d) {
         (void)d.backlog.pop(), d.backlog.push(event(6, std::string(kAheadBody + 1, 'x')), true, kStart);
       },
       false},
      {"it is ordered", [](Door& d) { d.gate.set_ordered(true); }, false},
  };
  for (const auto& c : cases) {
    Door door;
    door.respond(100, 100us);
    door.in_flight = 2;
    c.given(door);
    EXPECT_EQ(door.admits(), c.admits) << c.story;
  }
}

TEST(Gate, SaysWhenToLookAgain) {
  struct Case {
    std::string story;
    std::function<void(Door&)> given;
    std::optional<Duration> after;
  };
  const Case cases[] = {
      {"it may start", [](Door&) {}, std::nullopt},
      {"it is shut", [](Door& d) { d.gate.shut(); }, std::nullopt},
      {"nothing waits", [](Door& d) { (void)d.backlog.pop(); }, std::nullopt},
      {"a retry waits",
       [](Door& d) { (void)d.backlog.pop(), d.retries.by_schedule().add(row(1, kStart + 7s), event(1)); },
       7s},
      {"a retry is due, and its event is being read",
       [](Door& d) { (void)d.backlog.pop(), d.retries.by_schedule().add(row(1, kStart - 1s)); },
       std::nullopt},
      {"... and it is held",
       [](Door& d) {
         (void)d.backlog.pop(), d.retries.by_schedule().add(row(1, kStart - 1s)),
             d.gate.hold(kStart + 30s, kStart);
       },
       30s},
      {"it is held", [](Door& d) { d.gate.hold(kStart + 30s, kStart); }, 30s},
      {"its breaker is open", [](Door& d) { d.fail(kBreakerFailures); }, kBreakerFirstWait},
      {"this machine lacked something", [](Door& d) { d.gate.note_shortage(kStart); }, kShortestHoldOff},
      {"its rate is used up", [](Door& d) { d.gate.set_rate(1, kStart), (void)d.admits(); }, 1s},
  };
  for (const auto& c : cases) {
    Door door;
    c.given(door);
    const auto expected = c.after ? std::optional(kStart + *c.after) : std::nullopt;
    EXPECT_EQ(door.gate.look_again_at(door.work(), kStart), expected) << c.story;
  }
}

TEST(Gate, SaysWhatADeliveryWaitsFor) {
  struct Case {
    std::string story;
    std::function<void(Door&)> given;
    DeliveryRow of;
    WaitReason why;
  };
  const auto later = row(1, kStart + 1h);
  auto told_to_wait = later;
  told_to_wait.not_before = later.due;
  const Case cases[] = {
      {"its date", [](Door&) {}, later, WaitReason::schedule},
      {"its receiver named the date", [](Door&) {}, told_to_wait, WaitReason::retry_after},
      {"a place", [](Door&) {}, row(1, kStart), WaitReason::place},
      {"a hold", [](Door& d) { d.gate.hold(kStart + 30s, kStart); }, row(1, kStart), WaitReason::held},
      {"a hold that ends before its date", [](Door& d) { d.gate.hold(kStart + 30s, kStart); }, later,
       WaitReason::schedule},
      {"the breaker", [](Door& d) { d.fail(kBreakerFailures); }, row(1, kStart), WaitReason::breaker},
      {"the probe", [](Door& d) { d.fail(kBreakerFailures), (void)d.gate.begin(true); }, row(1, kStart),
       WaitReason::probe},
      {"the probe, though asked for", [](Door& d) { d.fail(kBreakerFailures), (void)d.gate.begin(true); },
       row(1, kStart, true), WaitReason::probe},
      {"its turn", [](Door& d) { d.gate.set_ordered(true); }, row(9, kStart), WaitReason::order},
      {"the rate", [](Door& d) { d.gate.set_rate(1, kStart), (void)d.admits(); }, row(1, kStart),
       WaitReason::rate},
  };
  for (const auto& c : cases) {
    Door door;
    c.given(door);
    EXPECT_EQ(door.gate.waiting(door.work(), c.of, kStart).why, c.why) << c.story;
  }
}

TEST(Gate, KnowsWhoseTurnItIsInOrder) {
  Door door;
  door.gate.set_ordered(true);
  EXPECT_TRUE(door.gate.is_next(door.work(), EventSeq{5}));
  EXPECT_FALSE(door.gate.is_next(door.work(), EventSeq{6}));
  door.retries.by_schedule().add(row(3, kStart + 1h), event(3));
  EXPECT_TRUE(door.gate.is_next(door.work(), EventSeq{3})) << "the retry of an earlier one";
  EXPECT_FALSE(door.gate.is_next(door.work(), EventSeq{5}));
  door.in_flight = 1;
  EXPECT_FALSE(door.gate.is_next(door.work(), EventSeq{3}));
  door.in_flight = 0;
  door.has_set_aside = true;
  EXPECT_FALSE(door.gate.is_next(door.work(), EventSeq{3}));
}

TEST(Gate, StaysHeldAsLongAsTheLongestOfTheReceiversWordsSays) {
  Door door;
  EXPECT_TRUE(door.gate.hold(kStart + 60s, kStart));
  EXPECT_FALSE(door.gate.hold(kStart + 6s, kStart + 1s));
  EXPECT_EQ(door.gate.held_until(), kStart + 60s);
  EXPECT_FALSE(door.gate.note_return(kStart + 2s));
  EXPECT_FALSE(door.admits(kStart + 59s)) << "a success of what was under way ends no hold";
  EXPECT_TRUE(door.gate.hold(kStart + 120s, kStart + 60s));
  EXPECT_EQ(door.gate.held_until(), kStart + 120s);
}

TEST(Gate, TellsOfEachHoldOnceThatItHasBegunAndOnceThatItIsOver) {
  using News = Gate::HoldNews;
  Door door;
  const auto news = [&](Duration at) { return door.gate.hold_news(kStart + at); };
  EXPECT_EQ(news(0s), News::none);
  door.gate.hold(kStart + 60s, kStart);
  EXPECT_EQ(news(0s), News::begun);
  door.gate.hold(kStart + 90s, kStart + 1s);
  EXPECT_EQ(news(1s), News::none) << "it is the same one";
  EXPECT_EQ(news(90s), News::over);
  EXPECT_EQ(news(91s), News::none);
  door.gate.hold(kStart + 200s, kStart + 100s);
  EXPECT_EQ(news(100s), News::begun);
  door.gate.resume(kStart + 101s);
  EXPECT_EQ(news(101s), News::over);
  door.gate.resume_hold(kStart + 300s, kStart + 200s);
  EXPECT_EQ(news(200s), News::none) << "told before the start";
  EXPECT_EQ(news(300s), News::over);
}

TEST(Gate, CountsATimeForWhichItWasHeldAgainstNobody) {
  Door door;
  for (std::chrono::hours running{0}; running < 100h; ++running) {
    door.gate.count_failing_day(running);
    door.gate.note_failing(kStart + running);
    door.gate.hold(kStart + running + 1h, kStart + running);
  }
  EXPECT_EQ(door.gate.breaker().state(), BreakerState::closed) << "it is there, and says when to come";
  EXPECT_EQ(door.gate.failing_days().note(100h), FailingDaysNote{});
  door.gate.resume(kStart + 99h + 600s);
  EXPECT_EQ(door.gate.failing_days().note(100h), (FailingDaysNote{0, 3000s})) << "what was cut short counts";
  door.gate.note_return(kStart + 101h);
  EXPECT_EQ(door.gate.failing_days().note(200h), FailingDaysNote{});
}

TEST(Gate, CountsATimeForWhichItWasShutAgainstNobody) {
  Door door;
  door.gate.count_failing_day(0h);
  door.gate.set_open(false, kStart);
  door.gate.set_open(true, kStart + 3h);
  EXPECT_EQ(door.gate.failing_days().note(4h), (FailingDaysNote{0, 1h}));
}

TEST(Gate, IsBackAfterAnOutageAndNotAfterAFailureNowAndThen) {
  struct Case {
    std::string story;
    Duration failed_for;
    int failures;
    bool held, is_back;
  };
  const Case cases[] = {
      {"one failure among successes", 0s, 1, false, false},
      {"shorter than the first wait", 4s, 1, false, false},
      {"an outage", 5s, 1, false, true},
      {"its breaker was open", 0s, kBreakerFailures, false, true},
      {"it was held", 60s, 0, true, true},
  };
  for (const auto& c : cases) {
    Door door;
    door.fail(c.failures);
    if (c.held) door.gate.hold(kStart + 30s, kStart);
    EXPECT_EQ(door.gate.note_return(kStart + c.failed_for), c.is_back) << c.story;
  }
}

TEST(Gate, TellsOfFailingDaysOncePerDayAndPerHour) {
  Door door;
  door.gate.count_failing_day(0h);
  EXPECT_FALSE(door.gate.failing_days_to_note(30min, false));
  EXPECT_TRUE(door.gate.failing_days_to_note(30min, true)) << "what was noted is of another time";
  const auto note = door.gate.failing_days_to_note(1h, false);
  ASSERT_TRUE(note);
  door.gate.failing_days_noted(*note);
  EXPECT_FALSE(door.gate.failing_days_to_note(90min, false));
  door.gate.count_failing_day(24h);
  EXPECT_TRUE(door.gate.failing_days_to_note(24h, false));
}

}  // namespace
}  // namespace exposee::engine
