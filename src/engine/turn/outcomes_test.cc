#include "engine/turn/outcomes.h"

#include <gtest/gtest.h>

#include "engine/intake/deferrals.h"
#include "fakes/counting_random.h"
#include "fakes/manual_clock.h"
#include "fakes/memory_store.h"
#include "fakes/quiet_observer.h"

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

StartState two_endpoints() {
  StartState start{.version = RegistryVersion{1}};
  start.types.push_back({TypeNumber{1}, "user_registered", "", {}});
  for (const std::uint64_t n : {1, 2}) {
    Endpoint endpoint{.number = EndpointNumber{n}, .url = "http://h" + std::to_string(n) + ".example/"};
    endpoint.settings.ordered = n == 2;
    start.endpoints.push_back(std::move(endpoint));
    start.subscriptions.push_back({"*", EndpointNumber{n}, RegistryVersion{1}, {}});
  }
  return start;
}

class OutcomesTest : public testing::Test {
 protected:
  OutcomesTest() {
    dispatcher_.take_up(ShardSet::all(), now_);
    registry_.load(two_endpoints());
    for (const auto& state : registry_.all()) dispatcher_.sync(state, false, now_);
  }

  // So many attempts at the endpoint are made, and answered now.
  void answer(int count, std::uint64_t endpoint = 1) {
    for (; count > 0; --count) {
      auto event = std::make_shared<Event>();
      event->seq = EventSeq{++last_};
      event->type = TypeNumber{1};
      event->version = RegistryVersion{1};
      dispatcher_.route(event, Subscribers({EndpointNumber{endpoint}}), now_);
      std::vector<SendJob> jobs;
      ASSERT_TRUE(dispatcher_.dispatch(now_, now_, jobs, outcomes_.unattempted()));
      ASSERT_EQ(jobs.size(), 1u);
      std::vector<std::vector<SendResult>> results(1);
      results[0].push_back({jobs[0].ticket, {.status = 200}});
      outcomes_.conclude(results, now_);
    }
  }
  bool due(const TurnPlan& plan = {}, bool stopping = false) const {
    return outcomes_.due(plan, stopping, now_);
  }

  EngineSettings settings_;
  fakes::MemoryStore store_;
  fakes::QuietObserver observer_;
  fakes::ManualClock clock_;
  fakes::CountingRandom random_;
  Instant now_ = clock_.now();
  Registry registry_;
  Dispatcher dispatcher_{settings_, registry_, store_, observer_};
  Outcomes outcomes_{settings_, registry_, dispatcher_, clock_, random_, observer_};
  std::uint64_t last_ = 0;
};

TEST_F(OutcomesTest, NoneAreNeverDue) {
  now_ += 1h;
  EXPECT_FALSE(due({.publishes = true, .asks = true, .catches_up = true, .checkpoint = true}, true));
  EXPECT_EQ(outcomes_.next_due(), std::nullopt);
}

TEST_F(OutcomesTest, FewAreDueWhenWhatElseTheTurnWritesNeedsThemOrTheyHaveWaited) {
  const auto begun = now_;
  answer(1);
  EXPECT_EQ(outcomes_.next_due(), begun + kOutcomeDelay);
  const struct {
    const char* story;
    Duration age;
    TurnPlan plan;
    bool stopping, due;
  } cases[] = {
      {"they wait for company", kOutcomeDelay - 1us, {}, false, false},
      {"and not for ever", kOutcomeDelay, {}, false, true},
      {"they hold up no event", kOutcomeDelay, {.publishes = true}, false, false},
      {"... nor for ever", kOutcomeLimit - 1us, {.publishes = true}, false, false},
      {"... but so long", kOutcomeLimit, {.publishes = true}, false, true},
      {"who asks finds them", 0us, {.asks = true}, false, true},
      {"marks speak of what is on disk", 0us, {.checkpoint = true}, false, true},
      {"so does what is brought forward", 0us, {.catches_up = true}, false, true},
      {"no later turn should have to", 0us, {}, true, true},
  };
  for (const auto& c : cases) {
    now_ = begun + c.age;
    EXPECT_EQ(due(c.plan, c.stopping), c.due) << c.story;
  }
}

TEST_F(OutcomesTest, ManyAreDueAtOnce) {
  answer(kUsualLimits.outcome_batch - 1);
  EXPECT_FALSE(due({.publishes = true}));
  answer(1);
  EXPECT_TRUE(due({.publishes = true}));
}

TEST_F(OutcomesTest, OneOfAnOrderedEndpointIsDueAtOnceBecauseItsNextEventWaits) {
  answer(1);
  EXPECT_FALSE(outcomes_.order_waits());
  answer(1, 2);
  EXPECT_TRUE(outcomes_.order_waits());
  EXPECT_TRUE(due({.publishes = true}));
  outcomes_.settle(true);
  outcomes_.tell();
  EXPECT_FALSE(outcomes_.order_waits());
}

TEST_F(OutcomesTest, AnOrderedEndpointsNextEventWaitsAlsoForARowThatEndsWithoutAnAttempt) {
  for (const std::uint64_t endpoint : {1, 2}) answer(1, endpoint);
  outcomes_.settle(true);
  outcomes_.tell();
  outcomes_.unattempted().push_back({.key = {EventSeq{1}, EndpointNumber{1}}});
  EXPECT_FALSE(outcomes_.order_waits());
  outcomes_.unattempted().push_back({.key = {EventSeq{1}, EndpointNumber{2}}});
  EXPECT_TRUE(outcomes_.order_waits());
  outcomes_.settle_unattempted(2);
  EXPECT_FALSE(outcomes_.order_waits());
}

TEST_F(OutcomesTest, ThoseThatADividedTurnLeavesAreDueInTheNextOne) {
  answer(3);
  outcomes_.settle_first(2);
  EXPECT_EQ(outcomes_.size(), 1u);
  EXPECT_TRUE(outcomes_.are_divided());
  EXPECT_TRUE(due({.publishes = true}));
  outcomes_.settle_first(1);
  outcomes_.tell();
  EXPECT_TRUE(outcomes_.empty());
  EXPECT_FALSE(outcomes_.are_divided());
  EXPECT_EQ(outcomes_.next_due(), std::nullopt);
}

TEST_F(OutcomesTest, ATurnWithoutThemLeavesThemAsTheyAre) {
  answer(2);
  outcomes_.settle(false);
  outcomes_.tell();
  EXPECT_EQ(outcomes_.size(), 2u);
  EXPECT_EQ(outcomes_.next_due(), now_ + kOutcomeDelay);
}

}  // namespace
}  // namespace exposee::engine
