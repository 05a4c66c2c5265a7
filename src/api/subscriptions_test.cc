#include "api/subscriptions.h"

#include <gtest/gtest.h>

#include <random>

namespace exposee::api {
namespace {

using engine::RegistrySnapshot;

std::shared_ptr<const RegistrySnapshot> snapshot_of(const std::vector<std::vector<PatternEntry>>& endpoints) {
  auto snapshot = std::make_shared<RegistrySnapshot>();
  for (const auto& events : endpoints) {
    auto endpoint = std::make_shared<Endpoint>();
    endpoint->number = EndpointNumber{snapshot->endpoints.live() + 1};
    endpoint->events = events;
    snapshot->endpoints.put(std::move(endpoint));
  }
  return snapshot;
}

TEST(Subscriptions, AreThoseThatTheSnapshotFindsOneByOne) {
  constexpr std::string_view kPatterns[] = {"*",   "a",   "a.b",   "a.b.c",   "a.*", "a.b.*",
                                            "b.*", "b.c", "a_b.*", "a.b.c.d", "c",   "a.bc"};
  constexpr std::string_view kTypes[] = {"a",   "a.b", "a.b.c", "a.b.c.d", "a.bc",
                                         "b.c", "b",   "c",     "d",       "a_b.x"};
  std::mt19937 random(7);
  std::vector<std::vector<PatternEntry>> endpoints(200);
  for (auto& events : endpoints) {
    for (std::size_t i = random() % 4; i > 0; --i) {
      events.push_back(
          {std::string(kPatterns[random() % std::size(kPatterns)]), RegistryVersion{random() % 50}});
    }
  }
  const auto snapshot = snapshot_of(endpoints);
  const Subscriptions subscriptions(RegistryView{snapshot});
  for (const auto type : kTypes) EXPECT_EQ(subscriptions.to(type), snapshot->subscribed_to(type)) << type;
}

TEST(Subscriptions, AreKeptForAsLongAsTheSnapshotIsTheSame) {
  SubscriptionCache cache;
  const auto one = snapshot_of({{{"a", RegistryVersion{1}}}});
  const auto other = snapshot_of({});
  const auto first = cache.of(RegistryView{one});
  EXPECT_EQ(cache.of(RegistryView{one}), first);
  EXPECT_TRUE(cache.of(RegistryView{other})->to("a").empty());
  EXPECT_EQ(first->to("a").size(), 1u);
}

}  // namespace
}  // namespace exposee::api
