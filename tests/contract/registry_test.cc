#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

using Registry = StoreContract;
using namespace std::chrono_literals;

Endpoint full_endpoint() {
  auto e = sample_endpoint(7);
  for (const auto& setting : endpoint_settings()) set_example(setting, e.settings);
  e.settings.description = "Größe \"und\" mehr";
  e.settings.schedule = RetrySchedule{{5s, 1500ms, 24h}};
  e.events = {{"user_*", version(3)}, {"order.*", version(2)}, {"*", version(9)}};
  e.disabled_reason = "410 Gone";
  e.disabled_at = at(100);
  e.failing_since = at(50);
  e.removed_at = at(200);
  return e;
}

TEST_P(Registry, AnEndpointComesBackAsItWasPut) {
  auto once = sample_endpoint(8);
  once.settings.schedule = RetrySchedule{};  // one attempt only, which is not the server's default
  const std::vector endpoints{full_endpoint(), once, sample_endpoint(9)};
  commit([&](TurnRows& turn) {
    for (const auto& e : endpoints) turn.put_endpoint(e);
  });
  EXPECT_EQ(text_of(store().load_start()->endpoints), text_of(endpoints));
  reopen();
  EXPECT_EQ(text_of(store().load_start()->endpoints), text_of(endpoints));
}

TEST_P(Registry, EverySettingComesBackAloneAndAtItsBounds) {
  std::vector<Endpoint> endpoints;
  const auto add = [&] { return &endpoints.emplace_back(sample_endpoint(endpoints.size() + 1)).settings; };
  for (const auto& setting : endpoint_settings()) {
    set_example(setting, *add());
    if (const auto* count = std::get_if<CountSetting>(&setting.kind)) add()->*count->member = count->most;
    if (const auto* span = std::get_if<SpanSetting>(&setting.kind)) {
      add()->*span->member = span->least;
      add()->*span->member = span->most;
    }
  }
  commit([&](TurnRows& turn) {
    for (const auto& e : endpoints) turn.put_endpoint(e);
  });
  reopen();
  EXPECT_EQ(text_of(store().load_start()->endpoints), text_of(endpoints));
}

TEST_P(Registry, AnEndpointIsReplacedByNumber) {
  commit([&](TurnRows& turn) { turn.put_endpoint(full_endpoint()); });
  auto changed = sample_endpoint(7);
  changed.events = {{"invoice.paid", version(11)}};
  commit([&](TurnRows& turn) { turn.put_endpoint(changed); });
  EXPECT_EQ(text_of(store().load_start()->endpoints), text_of(std::vector{changed}));
}

TEST_P(Registry, TheGreatestNumbersThatWereGivenAreKnown) {
  EXPECT_EQ(store().load_start()->last_type, TypeNumber{});
  commit_registry();
  const auto before = *store().load_start();
  EXPECT_EQ(before.last_type, before.types.back().number);
  EXPECT_EQ(before.last_endpoint, before.endpoints.back().number);
  const auto last = before.endpoints.back();
  commit([&](TurnRows& turn) {
    auto removed = last;
    removed.removed_at = at(900);
    turn.put_endpoint(removed);
    turn.put_endpoint(before.endpoints.front());
  });
  ASSERT_TRUE(store().forget({}, std::vector{last.number}));
  reopen();
  const auto start = *store().load_start();
  EXPECT_LT(start.endpoints.size(), before.endpoints.size());
  EXPECT_EQ(start.last_endpoint, last.number) << "it is forgotten, and its number is not given again";
  EXPECT_EQ(start.last_type, before.last_type);
}

TEST_P(Registry, TypesComeInOrderOfNumberAndMayChangeTheirDescription) {
  auto second = sample_type(2);
  commit([&](TurnRows& turn) {
    turn.put_event_type(second);
    turn.put_event_type(sample_type(1));
  });
  second.description = "new";
  commit([&](TurnRows& turn) { turn.put_event_type(second); });
  EXPECT_EQ(text_of(store().load_start()->types), text_of(std::vector{sample_type(1), second}));
}

TEST_P(Registry, ATypeIsRemovedAndDeclaredAgainUnderItsNumber) {
  const auto declared = sample_type(1);
  auto removed = declared;
  removed.removed_at = at(200);
  commit([&](TurnRows& turn) { turn.put_event_type(removed); });
  EXPECT_EQ(text_of(store().load_start()->types), text_of(std::vector{removed}));
  reopen();
  EXPECT_EQ(text_of(store().load_start()->types), text_of(std::vector{removed}));
  commit([&](TurnRows& turn) { turn.put_event_type(declared); });
  EXPECT_EQ(text_of(store().load_start()->types), text_of(std::vector{declared}));
}

TEST_P(Registry, OnlyOpenSubscriptionsAreLoadedAtAStart) {
  commit_registry();
  close_subscription(1, 1, 2);
  EXPECT_EQ(text_of(store().load_start()->subscriptions),
            text_of(std::vector{Subscription{pattern(1), endpoint(2), version(1), {}}}));
  EXPECT_EQ(store().load_start()->version, version(2));
}

TEST_P(Registry, ASubscriptionMayOpenAgain) {
  commit_registry();
  close_subscription(1, 1, 2);
  commit([](TurnRows& turn) { turn.put_subscription({pattern(1), endpoint(1), version(3), {}}); });
  EXPECT_EQ(text_of(store().load_start()->subscriptions),
            text_of(std::vector{Subscription{pattern(1), endpoint(1), version(3), {}},
                                Subscription{pattern(1), endpoint(2), version(1), {}}}));
}

TEST_P(Registry, OneTurnMayCloseASubscriptionAndOpenItAgain) {
  commit_registry();
  add_events({sample_event(1, 1, 1)});
  commit([](TurnRows& turn) {
    turn.put_subscription({pattern(1), endpoint(1), version(1), version(2)});
    turn.put_subscription({pattern(1), endpoint(1), version(3), {}});
    turn.put_version(version(3));
  });
  add_events({sample_event(2, 1, 3)});
  EXPECT_EQ(status_of(key(1, 1)), "cancelled");
  EXPECT_EQ(status_of(key(2, 1)), "pending");
}

TEST_P(Registry, WhatIsPutTwiceInOneTurnIsAsItWasPutLast) {
  auto changed = sample_endpoint(1);
  changed.events = {{"invoice.paid", version(11)}};
  commit([&](TurnRows& turn) {
    for (const auto& each : {sample_endpoint(1), changed}) turn.put_endpoint(each);
    turn.put_subscription({pattern(1), endpoint(1), version(1), {}});
    turn.put_subscription({pattern(1), endpoint(1), version(1), version(2)});
  });
  EXPECT_EQ(text_of(store().load_start()->endpoints), text_of(std::vector{changed}));
  EXPECT_EQ(text_of(store().load_start()->subscriptions), "[]");
}

TEST_P(Registry, MarksReplaceAllEarlierMarks) {
  commit([](TurnRows& turn) {
    turn.put_checkpoint(seq(5), {{endpoint(2), seq(1)}, {endpoint(1), seq(3)}});
  });
  commit(
      [](TurnRows& turn) { turn.put_checkpoint(seq(6), {{endpoint(2), seq(4)}}); });
  const auto state = store().load_start();
  EXPECT_EQ(state->checkpoint(endpoint(1)), seq(6));
  ASSERT_EQ(state->marks.size(), 1u);
  EXPECT_EQ(state->marks[0].endpoint, endpoint(2));
  EXPECT_EQ(state->marks[0].low_water, seq(4));
}

EXPOSEE_FOR_EVERY_STORE(Registry);

}  // namespace
}  // namespace exposee::contract
