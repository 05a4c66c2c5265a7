#include "engine/mend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fakes/counting_random.h"

namespace exposee::engine {
namespace {

using testing::HasSubstr;

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const Instant kNow = from_micros(1'700'000'000'000'000);

EventType type(std::uint64_t number, std::string name) {
  return {TypeNumber{number}, std::move(name), "", kNow};
}

Endpoint endpoint(std::uint64_t number) {
  Endpoint made{.number = EndpointNumber{number},
                .url = "http://h" + std::to_string(number) + ".example/",
                .events = {{"*", RegistryVersion{1}}},
                .secret = kSecret};
  made.id.bits[15] = static_cast<std::uint8_t>(number);
  return made;
}

class MendTest : public testing::Test {
 protected:
  MendTest() {
    subscribe({1, 2, 3});
    state_.version = RegistryVersion{5};
    state_.last_event = EventSeq{10};
    state_.types = {type(1, "user_registered"), type(2, "user_send_message"), type(3, "invoice.paid")};
    state_.endpoints = {endpoint(1), endpoint(2), endpoint(3)};
    state_.marks = {{EndpointNumber{1}, EventSeq{5}}};
    state_.pending = {{EndpointNumber{2}, 4, kNow}};
  }
  void subscribe(std::initializer_list<std::uint64_t> endpoints) {
    state_.subscriptions.clear();
    for (const auto number : endpoints) {
      state_.subscriptions.push_back({"*", EndpointNumber{number}, RegistryVersion{1}, {}});
    }
  }
  Mended mended() { return mend(state_, random_, kNow); }

  StartState state_;
  fakes::CountingRandom random_;
};

TEST_F(MendTest, WhatIsSoundStaysAsItIs) {
  const auto done = mended();
  EXPECT_TRUE(done.troubles.empty());
  EXPECT_TRUE(done.types.empty() && done.endpoints.empty() && done.orphaned.empty() && done.packs.empty());
  EXPECT_EQ(state_.endpoints.size(), 3u);
  EXPECT_EQ(state_.subscriptions.size(), 3u);
}

TEST_F(MendTest, AMissingRowLeavesItsNumberTakenAndAnImpossibleNumberIsLeftAlone) {
  state_.endpoints = {endpoint(1), endpoint(3), endpoint(1'000'000'000)};
  state_.types = {type(2, "user_send_message"), type(4, "a")};
  const auto done = mended();
  ASSERT_EQ(state_.endpoints.size(), 3u);
  EXPECT_EQ(state_.endpoints[1].number, EndpointNumber{2});
  EXPECT_TRUE(state_.endpoints[1].removed_at);
  EXPECT_EQ(state_.types.size(), 4u);
  EXPECT_EQ(state_.types[0].name, "user_registered") << "the contract's types are known";
  EXPECT_EQ(state_.types[2].name, "unreadable-3");
}

TEST_F(MendTest, ANumberThatWasGivenLastIsTakenAlsoWhenItsRowIsLost) {
  state_.last_type = TypeNumber{5};
  state_.last_endpoint = EndpointNumber{5};
  subscribe({1, 2, 3, 4});
  const auto done = mended();
  ASSERT_EQ(state_.types.size(), 5u);
  EXPECT_EQ(state_.types[4].name, "unreadable-5");
  EXPECT_EQ(done.types.size(), 2u) << "on disk, too";
  ASSERT_EQ(state_.endpoints.size(), 5u) << "the fourth has a subscription, the fifth nothing";
  EXPECT_TRUE(state_.endpoints[3].removed_at && state_.endpoints[4].removed_at);
  EXPECT_EQ(done.endpoints.size(), 2u);
}

TEST_F(MendTest, ALastNumberThatCannotBeRightIsNotBelieved) {
  state_.last_type = TypeNumber{1'000'000};
  state_.last_endpoint = EndpointNumber{1'000'000};
  mended();
  EXPECT_EQ(state_.types.size(), 3u);
  EXPECT_EQ(state_.endpoints.size(), 3u);
}

TEST_F(MendTest, AnEndpointThatWasForgottenIsNotMissed) {
  state_.version = RegistryVersion{20'000};
  state_.endpoints = {endpoint(1), endpoint(2), endpoint(9'000), endpoint(9'000), endpoint(9'002)};
  subscribe({1, 2, 9'000, 9'002});
  const auto done = mended();
  ASSERT_EQ(state_.endpoints.size(), 4u);
  EXPECT_EQ(state_.endpoints[3].number, EndpointNumber{9'002});
  ASSERT_EQ(done.troubles.size(), 1u) << "of the one that is there twice";
  EXPECT_EQ(done.troubles[0].row, "9000");
}

TEST_F(MendTest, NamesOfTypesAreGoodAndStandOnce) {
  state_.types = {type(1, "User\nX"), type(2, "invoice.paid"), type(3, "invoice.paid")};
  const auto done = mended();
  EXPECT_EQ(state_.types[0].name, "user_registered");
  EXPECT_EQ(state_.types[1].name, "invoice.paid");
  EXPECT_EQ(state_.types[2].name, "unreadable-3");
  EXPECT_EQ(done.types.size(), 2u);
  EXPECT_EQ(state_.cut_off, std::vector{EndpointNumber{2}}) << "what waits may be of a type that is called otherwise now";
}

TEST_F(MendTest, TheContractsTypesKeepTheirNumbers) {
  state_.types = {type(2, "user_send_message"), type(3, "a"), type(4, "user_registered")};
  mended();
  EXPECT_EQ(state_.types[0].name, "user_registered");
  EXPECT_EQ(state_.types[3].name, "unreadable-4");
}

TEST_F(MendTest, OnlyADeclaredTypeCanBeRemoved) {
  for (auto& type : state_.types) type.removed_at = kNow;
  const auto done = mended();
  EXPECT_FALSE(state_.types[0].removed_at || state_.types[1].removed_at) << "the contract's two are there";
  EXPECT_TRUE(state_.types[2].removed_at);
  EXPECT_EQ(done.types.size(), 2u) << "they are written anew";
  EXPECT_FALSE(done.types[0].removed_at);
  EXPECT_EQ(done.troubles.size(), 2u);
}

TEST_F(MendTest, AnEndpointThatNobodyCanReadIsDisabledWithTheReason) {
  state_.endpoints[0].url = "nonsense";
  state_.endpoints[1].secret = "nonsense";
  const auto done = mended();
  EXPECT_EQ(state_.endpoints[0].disabled_reason, "its stored URL cannot be read");
  EXPECT_EQ(state_.endpoints[1].disabled_reason, "its stored secret cannot be read");
  EXPECT_EQ(state_.endpoints[0].disabled_at, kNow);
  EXPECT_TRUE(state_.endpoints[2].is_active());
  EXPECT_EQ(done.endpoints.size(), 2u);
}

TEST_F(MendTest, AnIdThatIsLostOrTwiceThereIsMadeAnew) {
  state_.endpoints[0].id = {};
  state_.endpoints[2].id = state_.endpoints[1].id;
  const auto done = mended();
  EXPECT_NE(state_.endpoints[0].id, EndpointId{});
  EXPECT_NE(state_.endpoints[2].id, state_.endpoints[1].id);
  EXPECT_EQ(done.endpoints.size(), 2u);
}

TEST_F(MendTest, PatternsThatCannotBeReadAreLeftOut) {
  state_.endpoints[0].events = {{"a.*", {}}, {"\xFF", {}}, {"", {}}};
  const auto done = mended();
  ASSERT_EQ(state_.endpoints[0].events.size(), 1u);
  EXPECT_EQ(done.endpoints.size(), 1u);
}

TEST_F(MendTest, WhatNamesNothingThatExistsIsLeftOut) {
  const EndpointNumber first{1};
  state_.subscriptions = {{"*", {}, {}, {}},
                          {"*", first, {}, {}},
                          {"*", first, RegistryVersion{2}, {}},
                          {"\xFF", first, {}, {}},
                          {"*", EndpointNumber{2}, {}, {}},
                          {"*", EndpointNumber{3}, {}, {}},
                          {"*", EndpointNumber{9}, {}, {}}};
  state_.marks.push_back({EndpointNumber{9}, EventSeq{1}});
  state_.pending.push_back({EndpointNumber{9}, 7, kNow});
  const auto done = mended();
  EXPECT_EQ(state_.subscriptions.size(), 3u);
  ASSERT_EQ(done.subscriptions.size(), 4u) << "the others are closed on disk";
  for (const auto& s : done.subscriptions) EXPECT_TRUE(s.until && s.until <= std::max(s.from, RegistryVersion{1}));
  EXPECT_EQ(state_.marks.size(), 1u);
  EXPECT_EQ(state_.pending.size(), 1u);
  EXPECT_EQ(done.orphaned, std::vector{EndpointNumber{9}});
  EXPECT_EQ(done.troubles.size(), 6u);
}

TEST_F(MendTest, AMarkBeyondTheLastEventIsForgottenSoThatNothingIsSkipped) {
  const auto marked = state_.marks[0].endpoint;
  state_.marks[0].low_water = state_.checkpoints[9] = EventSeq{11};
  EXPECT_EQ(mended().marks, ShardSet::of(marked) | ShardSet::of_shard(9))
      << "they are written anew, or the next start takes them for true";
  EXPECT_EQ(state_.marks[0].low_water, EventSeq{});
  EXPECT_EQ(state_.checkpoints[9], EventSeq{});
}

TEST_F(MendTest, WhatADamagedPackNamedAndAllAfterItIsLookedForAgain) {
  state_.packs = {{{EndpointNumber{1}, EventSeq{2}}, EventSeq{3}, 2},
                  {{EndpointNumber{1}, EventSeq{5}}, EventSeq{4}, 2},
                  {{EndpointNumber{1}, EventSeq{6}}, EventSeq{8}, 3},
                  {{EndpointNumber{2}, EventSeq{2}}, EventSeq{9}, 3},
                  {{EndpointNumber{9}, EventSeq{2}}, EventSeq{9}, 3}};
  state_.marks = {{EndpointNumber{1}, EventSeq{9}}};
  const auto done = mended();
  ASSERT_EQ(state_.packs.size(), 2u);
  EXPECT_EQ(state_.packs[0].last, EventSeq{3});
  EXPECT_EQ(state_.packs[1].key.endpoint, EndpointNumber{2});
  EXPECT_EQ(done.packs.size(), 3u);
  EXPECT_EQ(done.marks, ShardSet::of(EndpointNumber{1}));
  EXPECT_EQ(state_.marks[0].low_water, EventSeq{3});
}

TEST_F(MendTest, WhoHasLostItsSubscriptionIsSubscribedAnew) {
  state_.endpoints[0].events = {{"invoice.paid", {}}};
  subscribe({1, 3});
  const auto done = mended();
  ASSERT_EQ(done.endpoints.size(), 1u) << "the first has a wider one";
  EXPECT_EQ(done.endpoints[0].number, EndpointNumber{2});
  EXPECT_EQ(done.troubles.size(), 1u);
}

TEST_F(MendTest, ASubscriptionThatStandsTwiceOrBeginsLaterThanNowIsLeftOut) {
  const EndpointNumber one{1}, two{2}, three{3};
  state_.subscriptions = {{"*", one, RegistryVersion{4}, {}},
                          {"invoice.*", one, RegistryVersion{3}, {}},
                          {"*", two, RegistryVersion{1}, {}},
                          {"*", three, RegistryVersion{1ull << 60}, {}},
                          {"*", one, RegistryVersion{5}, {}}};  // read last: its pattern is not stored as text
  const auto done = mended();
  ASSERT_EQ(state_.subscriptions.size(), 3u);
  EXPECT_EQ(state_.subscriptions[0].pattern, "*");
  EXPECT_EQ(state_.subscriptions[0].from, RegistryVersion{4});
  EXPECT_EQ(state_.subscriptions[1].pattern, "invoice.*");
  EXPECT_EQ(state_.subscriptions[2].endpoint, two);
  ASSERT_EQ(done.endpoints.size(), 1u) << "it is subscribed anew";
  EXPECT_EQ(done.endpoints[0].number, three);
}

TEST_F(MendTest, NothingStaysOpenForAnEndpointThatIsInactive) {
  state_.endpoints[0].disabled_reason = "x";
  EXPECT_EQ(mended().endpoints.size(), 1u);
}

}  // namespace
}  // namespace exposee::engine
