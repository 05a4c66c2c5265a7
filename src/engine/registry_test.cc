// Who is subscribed to what, and since when: whatever becomes of patterns and types, every event is owed to those to
// whom it would be if each endpoint were subscribed to each type on its own.
#include "engine/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/event_type.h"

namespace exposee::engine {
namespace {

using Patterns = std::vector<std::string>;

enum class Cover : std::uint8_t { none, closed, open };

// An interval for each type and endpoint, in the plainest form.
class ByType {
 public:
  void declare(const std::string& name, std::uint64_t version) {
    declared_[name] = version;
    for (auto& [endpoint, wanted] : wanted_) follow(endpoint, version);
  }
  void want(std::uint64_t endpoint, Patterns patterns, std::uint64_t version) {
    wanted_[endpoint] = std::move(patterns);
    follow(endpoint, version);
  }
  Cover cover(const std::string& type, std::uint64_t endpoint, std::uint64_t version) const {
    const auto found = intervals_.find({type, endpoint});
    if (found == intervals_.end()) return Cover::none;
    for (const auto& [from, until] : found->second) {
      if (from <= version && (until == 0 || version < until)) return until ? Cover::closed : Cover::open;
    }
    return Cover::none;
  }
  const std::map<std::string, std::uint64_t>& declared() const { return declared_; }
  const std::map<std::uint64_t, Patterns>& wanted() const { return wanted_; }

 private:
  using Intervals = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

  void follow(std::uint64_t endpoint, std::uint64_t version) {
    for (const auto& [type, declared] : declared_) {
      const bool wants =
          std::ranges::any_of(wanted_[endpoint], [&](const auto& pattern) { return matches(pattern, type); });
      auto& intervals = intervals_[{type, endpoint}];
      const bool open = !intervals.empty() && intervals.back().second == 0;
      if (wants && !open) intervals.push_back({version, 0});
      if (!wants && open) intervals.back().second = version;
    }
  }

  std::map<std::string, std::uint64_t> declared_;  // since which version
  std::map<std::uint64_t, Patterns> wanted_;
  std::map<std::pair<std::string, std::uint64_t>, Intervals> intervals_;
};

// What the registry gives a store to write, as a store keeps it.
class Rows {
 public:
  void put(const std::vector<Subscription>& changes) {
    for (const auto& s : changes) rows_[{s.endpoint.value, s.pattern, s.from.value}] = s;
  }
  Cover cover(const std::string& type, std::uint64_t endpoint, std::uint64_t version) const {
    Cover cover = Cover::none;
    for (const auto& [key, s] : rows_) {
      if (s.endpoint.value != endpoint || !matches(s.pattern, type) || !s.covers(RegistryVersion{version})) continue;
      cover = std::max(cover, s.until ? Cover::closed : Cover::open);
    }
    return cover;
  }
  std::vector<Subscription> open() const {
    std::vector<Subscription> open;
    for (const auto& [key, s] : rows_) {
      if (!s.until) open.push_back(s);
    }
    return open;
  }
  std::size_t size() const { return rows_.size(); }

 private:
  std::map<std::tuple<std::uint64_t, std::string, std::uint64_t>, Subscription> rows_;
};

class Both {
 public:
  Both() {
    registry_.load({});
    for (const auto* name : {"user", "order.paid"}) declare(name);
  }

  void declare(const std::string& name) {
    if (!types_.contains(name)) {
      types_[name] = registry_.next_type();
      registry_.add_type({types_[name], name, "", {}});
      by_type_.declare(name, now());
    } else {
      set_removed(name, false);
    }
    written();
  }
  void remove(const std::string& name) {
    set_removed(name, true);
    written();
  }
  void set_patterns(std::uint64_t number, const Patterns& patterns, bool active = true) {
    Endpoint endpoint{.number = EndpointNumber{number}, .url = "http://h" + std::to_string(number) + "/"};
    for (const auto& pattern : patterns) endpoint.events.push_back({pattern, {}});
    if (!active) endpoint.disabled_reason = "by a test";
    registry_.find(endpoint.number) ? registry_.change_endpoint(endpoint) : registry_.add_endpoint(endpoint);
    by_type_.want(number, active ? patterns : Patterns{}, now());
    written();
  }
  // Whatever it does is taken back.
  template <class Change>
  void void_turn(Change&& change) {
    change(registry_);
    registry_.rollback();
  }
  void start_anew() {
    StartState start{.version = registry_.version(), .types = registry_.types()};
    for (const auto& state : registry_.all()) start.endpoints.push_back(*state.endpoint);
    start.subscriptions = rows_.open();
    registry_ = Registry();
    registry_.load(start);
  }

  // Of every event that could have been accepted.
  void compare() const {
    for (const auto& [name, declared] : by_type_.declared()) {
      for (const auto& [endpoint, wanted] : by_type_.wanted()) {
        for (auto version = declared; version <= now(); ++version) {
          const auto expected = by_type_.cover(name, endpoint, version);
          const auto trace = name + " to " + std::to_string(endpoint) + " under " + std::to_string(version);
          ASSERT_EQ(rows_.cover(name, endpoint, version), expected) << trace;
          ASSERT_EQ(registry_.owes(EndpointNumber{endpoint}, types_.at(name), RegistryVersion{version}),
                    expected == Cover::open)
              << trace;
        }
        const auto rows = registry_.find(EndpointNumber{endpoint})->open.size();
        ASSERT_LE(rows, wanted.size() + by_type_.declared().size());
      }
      compare_subscribers(name);
    }
  }

  std::uint64_t now() const { return registry_.version().value; }
  Registry& registry() { return registry_; }
  const Rows& rows() const { return rows_; }
  TypeNumber type(const std::string& name) const { return types_.at(name); }

 private:
  void set_removed(const std::string& name, bool removed) {
    auto type = *registry_.any_type_named(name);
    type.removed_at = removed ? std::optional(Instant{}) : std::nullopt;
    registry_.change_type(type);
  }
  void compare_subscribers(const std::string& name) const {
    std::set<std::uint64_t> expected, found;
    for (const auto& [endpoint, wanted] : by_type_.wanted()) {
      if (by_type_.cover(name, endpoint, now()) == Cover::open) expected.insert(endpoint);
    }
    const auto subscribers = registry_.subscribers(types_.at(name));
    subscribers.each([&](EndpointNumber number) { found.insert(number.value); });
    ASSERT_EQ(found, expected) << name;
    ASSERT_EQ(subscribers.size(), found.size()) << "each once";
  }
  void written() {
    rows_.put(registry_.changes().subscriptions);
    registry_.settle();
  }

  Registry registry_;
  std::map<std::string, TypeNumber> types_;
  ByType by_type_;
  Rows rows_;
};

// --- a table --------------------------------------------------------------------------------------------------

struct Case {
  const char* name;
  std::vector<Patterns> patterns;  // of one endpoint, one after the other; none: it is disabled meanwhile
  std::size_t rows;                // open in the end
};

const Case kCases[] = {
    {"same", {{"order.*"}, {"order.*"}}, 1},
    {"same in another order", {{"order.*", "user"}, {"user", "order.*"}}, 2},
    {"narrowed to a prefix", {{"*"}, {"order.*"}}, 1},
    {"narrowed to a name", {{"*"}, {"order.paid"}}, 1},
    {"narrowed by steps", {{"*"}, {"order.*"}, {"order.paid"}}, 1},
    {"widened by a prefix", {{"order.paid"}, {"order.*"}}, 2},
    {"widened by steps", {{"order.paid"}, {"order.*"}, {"*"}}, 3},
    {"widened to what has no type", {{"none.such"}, {"none.*"}}, 1},
    {"widened and narrowed again", {{"order.*"}, {"*"}, {"order.*"}}, 1},
    {"widened and narrowed to another", {{"order.*"}, {"*"}, {"user"}}, 1},
    {"narrowed and widened again", {{"*"}, {"order.*"}, {"*"}}, 2},
    {"disjoint", {{"order.*"}, {"user"}}, 1},
    {"disjoint and back", {{"order.*"}, {"user"}, {"order.*"}}, 1},
    {"added", {{"order.*"}, {"order.*", "user"}}, 2},
    {"taken away", {{"order.*", "user"}, {"order.*"}}, 1},
    {"one within another", {{"*", "order.*", "order.paid"}}, 1},
    {"the wider one taken away", {{"*", "order.paid"}, {"order.paid"}}, 1},
    {"disabled and enabled", {{"*"}, {}, {"*"}}, 1},
    {"disabled and enabled with others", {{"order.*"}, {}, {"*"}}, 1},
};

TEST(Registry, OwesWhateverItOwedWhenPatternsChangeAndNothingElse) {
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Both both;
    for (const auto& patterns : c.patterns) {
      both.set_patterns(1, patterns.empty() ? c.patterns.front() : patterns, !patterns.empty());
      both.compare();
      both.declare("order." + std::to_string(both.now()));
      both.compare();
    }
    EXPECT_EQ(both.registry().find(EndpointNumber{1})->open.size(), c.rows);
  }
}

TEST(Registry, ATypeThatIsDeclaredLaterOrAgainIsOwedToWhoWantsItWithoutARow) {
  Both both;
  both.set_patterns(1, {"order.*"});
  both.set_patterns(2, {"*"});
  both.set_patterns(3, {"user"});
  const auto rows = both.rows().size();
  both.declare("order.new");
  both.remove("order.new");
  both.declare("order.new");
  both.compare();
  EXPECT_EQ(both.rows().size(), rows);
  EXPECT_EQ(both.registry().subscribers(both.type("order.new")).size(), 2u);
}

TEST(Registry, ADeclarationChangesNoEndpoint) {
  Both both;
  for (std::uint64_t n = 1; n <= 3; ++n) both.set_patterns(n, {"*"});
  auto& registry = both.registry();
  registry.add_type({registry.next_type(), "new", "", {}});
  EXPECT_TRUE(registry.changes().subscriptions.empty() && registry.changes().endpoints.empty());
  EXPECT_TRUE(registry.changed_endpoints().empty());
  registry.settle();
}

TEST(Registry, SharesTheListOfItsSubscribersAsLongAsItIsTheSame) {
  Both both;
  for (std::uint64_t n = 1; n <= 3; ++n) both.set_patterns(n, {"*"});
  const auto before = both.registry().subscribers(both.type("user"));
  both.set_patterns(2, {"order.paid"});
  EXPECT_EQ(before.size(), 3u) << "a snapshot stays as it was";
  EXPECT_EQ(both.registry().subscribers(both.type("user")).size(), 2u);
}

// What is kept for the sake of what was owed is bounded, however often patterns change.
TEST(Registry, KeepsNoMoreSubscriptionsThanThereArePatternsAndTypes) {
  Both both;
  for (const auto* name : {"a.a", "a.b", "a.c", "a.a.a", "b"}) both.declare(name);
  for (int round = 0; round < 30; ++round) {
    Patterns many;
    for (int i = 0; i < 90; ++i) many.push_back("a." + std::to_string(round * 90 + i));
    many.insert(many.end(), {"a.a", "a.a.*", "b"});
    both.set_patterns(1, many);
    both.set_patterns(1, {"a.*"});
    both.set_patterns(1, {"*"});
    EXPECT_LE(both.registry().find(EndpointNumber{1})->open.size(), 8u);
  }
  both.compare();
}

// --- by chance ------------------------------------------------------------------------------------------------

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }

  std::string name() {
    std::string name(1, "abc"[below(3)]);
    for (auto more = below(3); more > 0; --more) name.append(".").append(1, "abc"[below(3)]);
    return name;
  }
  Patterns patterns() {
    Patterns patterns;
    for (auto n = 1 + below(4); n > 0; --n) {
      const auto kind = below(6);
      patterns.push_back(kind == 0 ? "*" : kind < 4 ? name() + ".*" : name());
    }
    return patterns;
  }

 private:
  std::mt19937_64 random_;
};

TEST(Registry, OwesAsIfEveryTypeHadASubscriptionOfItsOwn) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    Chance chance(seed);
    Both both;
    std::uint64_t endpoints = 0;
    for (int step = 0; step < 60; ++step) {
      const auto dice = chance.below(100);
      if (dice < 25) {
        both.declare(chance.name());
      } else if (dice < 30) {
        both.remove("order.paid");
      } else if (dice < 40) {
        both.void_turn([&](Registry& registry) {
          Endpoint endpoint{.number = registry.next_endpoint()};
          endpoint.events = {{chance.name(), {}}, {chance.name() + ".*", {}}};
          registry.add_endpoint(endpoint);
          registry.add_type({registry.next_type(), "never." + chance.name(), "", {}});
        });
      } else if (dice < 45) {
        both.start_anew();
      } else {
        const auto number = 1 + chance.below(4);
        const auto next = std::min<std::uint64_t>(number, endpoints + 1);
        endpoints = std::max(endpoints, next);
        both.set_patterns(next, chance.patterns(), chance.below(8) > 0);
      }
    }
    both.compare();
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace exposee::engine
