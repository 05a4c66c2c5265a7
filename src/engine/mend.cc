#include "engine/mend.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/event_type.h"
#include "engine/target.h"

namespace exposee::engine {
namespace {

class Mender {
 public:
  Mender(StartState& state, Random& random, Instant now) : state_(state), random_(random), now_(now) {}

  Mended run() {
    number_types();
    number_endpoints();
    bring_built_in_back();
    mend_types();
    for (auto& endpoint : state_.endpoints) mend_endpoint(endpoint);
    mend_checkpoints();
    drop_loose_subscriptions();
    close_inactive();
    open_missing();
    drop_loose_marks();
    drop_loose_packs();
    drop_loose_pending();
    look_through_all();
    return std::move(done_);
  }

 private:
  void tell(std::string_view table, std::uint64_t row, std::string why) {
    done_.troubles.push_back({std::string(table), std::to_string(row), std::move(why)});
  }

  Endpoint missing_endpoint(std::uint64_t number) const {
    return {.number = EndpointNumber{number}, .created_at = now_, .updated_at = now_, .removed_at = now_};
  }

  bool exists(EndpointNumber number) const {
    const auto found = std::ranges::lower_bound(state_.endpoints, number, {}, &Endpoint::number);
    return found != state_.endpoints.end() && found->number == number;
  }

  // In order of number already. A number that is not there and that nothing names is that of an endpoint which was
  // removed and forgotten; one that something names was lost.
  void number_endpoints() {
    const auto named = named_endpoints();
    std::vector<Endpoint> sound;
    const auto add_lost = [&](EndpointNumber before) {
      const auto last = sound.empty() ? EndpointNumber{} : sound.back().number;
      for (auto lost = named.upper_bound(last); lost != named.end() && *lost < before; ++lost) {
        tell("endpoint", lost->value, "it is missing");
        sound.push_back(missing_endpoint(lost->value));
      }
    };
    for (auto& row : state_.endpoints) {
      const auto last = sound.empty() ? EndpointNumber{} : sound.back().number;
      if (row.number <= last || row.number.value > state_.version.value + kMostMissing) {
        tell("endpoint", row.number.value, "its number is damaged; the row is left alone");
        continue;
      }
      add_lost(row.number);
      sound.push_back(std::move(row));
    }
    if (const auto last = last_endpoint(); last && (sound.empty() || sound.back().number < last)) {
      add_lost(last);
      tell("endpoint", last.value, "it is missing");
      sound.push_back(missing_endpoint(last.value));
      done_.endpoints.push_back(sound.back());
    }
    state_.endpoints = std::move(sound);
  }

  // Zero: it cannot be right.
  EndpointNumber last_endpoint() const {
    return state_.last_endpoint.value <= state_.version.value + kMostMissing ? state_.last_endpoint : EndpointNumber{};
  }

  std::set<EndpointNumber> named_endpoints() const {
    std::set<EndpointNumber> named;
    for (const auto& subscription : state_.subscriptions) named.insert(subscription.endpoint);
    for (const auto& pending : state_.pending) named.insert(pending.endpoint);
    for (const auto& pack : state_.packs) named.insert(pack.key.endpoint);
    return named;
  }

  // In order of number already.
  void number_types() {
    std::vector<EventType> dense;
    const auto add_lost = [&](std::uint64_t upto) {
      while (dense.size() < upto) {
        tell("event_type", dense.size() + 1, "it is missing");
        dense.push_back({.number = TypeNumber{dense.size() + 1}});
      }
    };
    for (auto& row : state_.types) {
      const auto number = row.number.value;
      if (number <= dense.size() || number - dense.size() > kMostMissing) {
        tell("event_type", number, "its number is damaged; the row is left alone");
        continue;
      }
      add_lost(number - 1);
      dense.push_back(std::move(row));
    }
    const auto last = state_.last_type.value;
    if (last > dense.size() && last - dense.size() <= kMostMissing) add_lost(last);
    state_.types = std::move(dense);
  }

  // The contract's two have the first numbers, always; any other is told apart by its number.
  static std::string name_for(TypeNumber number, const std::set<std::string>& taken) {
    if (number.value <= kBuiltInTypes.size()) return std::string(kBuiltInTypes[number.value - 1].name);
    std::string name = "unreadable-" + std::to_string(number.value);
    while (taken.contains(name)) name += '-';
    return name;
  }

  static bool is_named_well(const EventType& type, const std::set<std::string>& taken) {
    const auto built_in = std::ranges::find(kBuiltInTypes, type.name, &BuiltInType::name);
    const auto number = static_cast<std::uint64_t>(built_in - kBuiltInTypes.begin()) + 1;
    const bool misplaced = built_in != kBuiltInTypes.end() && number != type.number.value;
    return !misplaced && check_type_name(type.name) && !taken.contains(type.name);
  }

  // They cannot be removed: their events have no other way in.
  void bring_built_in_back() {
    for (auto& type : state_.types) {
      if (type.number.value > kBuiltInTypes.size() || !type.removed_at) continue;
      type.removed_at.reset();
      tell("event_type", type.number.value, "it is built in and marked as removed; the mark is taken off");
      done_.types.push_back(type);
    }
  }

  void mend_types() {
    std::set<std::string> taken;
    std::vector<EventType*> nameless;
    for (auto& type : state_.types) {
      if (is_named_well(type, taken)) {
        taken.insert(type.name);
      } else {
        nameless.push_back(&type);
      }
    }
    for (auto* type : nameless) {
      type->name = name_for(type->number, taken);
      taken.insert(type->name);
      tell("event_type", type->number.value,
           "its name cannot be used; it is called '" + type->name + "' now");
      done_.types.push_back(*type);
    }
  }

  void mend_endpoint(Endpoint& endpoint) {
    if (endpoint.removed_at) return;
    bool changed = mend_id(endpoint);
    changed |= mend_patterns(endpoint);
    changed |= disable_unreadable(endpoint);
    if (changed) done_.endpoints.push_back(endpoint);
  }

  bool mend_id(Endpoint& endpoint) {
    if (endpoint.id != EndpointId{} && ids_.insert(endpoint.id).second) return false;
    std::array<std::uint8_t, 10> noise;
    random_.fill(noise);
    endpoint.id = EndpointId{uuid_v7(now_, noise)};
    ids_.insert(endpoint.id);
    tell("endpoint", endpoint.number.value, "its id cannot be used; it is " + endpoint.id.text() + " now");
    return true;
  }

  bool mend_patterns(Endpoint& endpoint) {
    const auto gone =
        std::erase_if(endpoint.events, [](const auto& entry) { return !check_pattern(entry.pattern); });
    if (gone == 0) return false;
    tell("endpoint_pattern", endpoint.number.value, "a pattern cannot be read; it is left out");
    return true;
  }

  bool disable_unreadable(Endpoint& endpoint) {
    const auto why = unreadable(endpoint);
    if (why.empty() || !endpoint.disabled_reason.empty()) return false;
    tell("endpoint", endpoint.number.value, why + "; it is disabled");
    endpoint.disabled_reason = why;
    endpoint.disabled_at = now_;
    endpoint.failing_since.reset();
    return true;
  }

  // On disk it stays, and covers nothing.
  void close(Subscription&& s) {
    s.until = std::max(s.from, RegistryVersion{1});
    done_.subscriptions.push_back(std::move(s));
  }

  // A pattern that is not stored as a text stands at another place than its equal. What begins later than anything that
  // has happened would be owed nothing.
  void drop_loose_subscriptions() {
    std::ranges::sort(state_.subscriptions, {}, [](const Subscription& s) {
      return std::tuple(s.endpoint, std::string_view(s.pattern), s.from);
    });
    std::vector<Subscription> sound;
    for (auto& s : state_.subscriptions) {
      const bool twice = !sound.empty() && sound.back().endpoint == s.endpoint && sound.back().pattern == s.pattern;
      if (!twice && exists(s.endpoint) && check_pattern(s.pattern) && s.from <= state_.version) {
        sound.push_back(std::move(s));
      } else {
        tell("subscription", s.endpoint.value,
             twice ? "it stands there twice; one is left out" : "it names what does not exist; it is left out");
        close(std::move(s));
      }
    }
    state_.subscriptions = std::move(sound);
  }

  std::span<const Subscription> subscriptions_of(const Endpoint& endpoint) const {
    const auto own = std::ranges::equal_range(state_.subscriptions, endpoint.number, {}, &Subscription::endpoint);
    return {own.begin(), own.end()};
  }

  std::set<EndpointNumber> mended_endpoints() const {
    std::set<EndpointNumber> mended;
    for (const auto& endpoint : done_.endpoints) mended.insert(endpoint.number);
    return mended;
  }

  // Nothing is owed to an endpoint that is disabled or removed.
  void close_inactive() {
    const auto mended = mended_endpoints();
    for (const auto& endpoint : state_.endpoints) {
      if (endpoint.is_active() || subscriptions_of(endpoint).empty() || mended.contains(endpoint.number)) continue;
      tell("subscription", endpoint.number.value, "it is open, and its endpoint inactive; it is closed");
      done_.endpoints.push_back(endpoint);
    }
  }

  // An interval that was lost is opened anew.
  void open_missing() {
    const auto mended = mended_endpoints();
    for (const auto& endpoint : state_.endpoints) {
      if (!endpoint.is_active() || is_subscribed(endpoint) || mended.contains(endpoint.number)) continue;
      tell("subscription", endpoint.number.value, "it is missing; it begins anew");
      done_.endpoints.push_back(endpoint);
    }
  }

  // To all that it asks for.
  bool is_subscribed(const Endpoint& endpoint) const {
    const auto own = subscriptions_of(endpoint);
    return std::ranges::all_of(endpoint.events, [&](const PatternEntry& entry) {
      return std::ranges::any_of(covering(entry.pattern), [&](const std::string& pattern) {
        return std::ranges::binary_search(own, pattern, {}, &Subscription::pattern);
      });
    });
  }

  // Patterns match what a type is called: what waits may be owed no more.
  void look_through_all() {
    if (done_.types.empty()) return;
    std::set<EndpointNumber> all(state_.cut_off.begin(), state_.cut_off.end());
    for (const auto& pending : state_.pending) all.insert(pending.endpoint);
    for (const auto& pack : state_.packs) all.insert(pack.key.endpoint);
    state_.cut_off.assign(all.begin(), all.end());
  }

  void mend_checkpoints() {
    for (unsigned shard = 0; shard < kShards; ++shard) {
      if (state_.checkpoints[shard] <= state_.last_event) continue;
      tell("shard_mark", shard, "it is beyond the last event; what is owed is looked for from the beginning");
      state_.checkpoints[shard] = {};
      done_.marks = done_.marks | ShardSet::of_shard(shard);
    }
  }

  void write_marks_of(EndpointNumber endpoint) { done_.marks = done_.marks | ShardSet::of(endpoint); }

  void drop_loose_marks() {
    std::erase_if(state_.marks, [&](LaneMark& mark) {
      if (!exists(mark.endpoint)) {
        tell("lane_mark", mark.endpoint.value, "it names an endpoint that is not there; it is left out");
        write_marks_of(mark.endpoint);
        return true;
      }
      if (mark.low_water > state_.last_event) {
        tell("lane_mark", mark.endpoint.value,
             "it is beyond the last event; what is owed is looked for anew");
        mark.low_water = {};
        write_marks_of(mark.endpoint);
      }
      return false;
    });
  }

  bool is_sound(const StartState::Pack& pack, const StartState::Pack* before) const {
    const auto& first = pack.key.first;
    return exists(pack.key.endpoint) && first && first <= pack.last && pack.last <= state_.last_event &&
           block_of(first) == block_of(pack.last) && pack.count > 0 && pack.count <= kPackBlock &&
           (!before || before->last < first);
  }

  // What a damaged pack named is looked for among all events again, and all that comes after it with it.
  void drop_loose_packs() {
    std::vector<StartState::Pack> sound;
    EndpointNumber broken;
    for (const auto& pack : state_.packs) {
      const bool follows = !sound.empty() && sound.back().key.endpoint == pack.key.endpoint;
      if (pack.key.endpoint != broken && is_sound(pack, follows ? &sound.back() : nullptr)) {
        sound.push_back(pack);
        continue;
      }
      tell("backlog_pack", pack.key.endpoint.value, "it is damaged; what is owed is looked for anew");
      done_.packs.push_back(pack.key);
      if (pack.key.endpoint == broken || !exists(pack.key.endpoint)) continue;
      broken = pack.key.endpoint;
      lower_mark(broken, follows ? sound.back().last : EventSeq{});
    }
    state_.packs = std::move(sound);
  }

  void lower_mark(EndpointNumber endpoint, EventSeq to) {
    write_marks_of(endpoint);
    const auto mark = std::ranges::find(state_.marks, endpoint, &LaneMark::endpoint);
    if (mark == state_.marks.end()) {
      state_.marks.push_back({endpoint, to});
    } else {
      mark->low_water = std::min(mark->low_water, to);
    }
  }

  void drop_loose_pending() {
    std::erase_if(state_.pending, [&](const StartState::LanePending& pending) {
      if (exists(pending.endpoint)) return false;
      tell("delivery", pending.endpoint.value, "deliveries wait for an endpoint that is not there; they end");
      done_.orphaned.push_back(pending.endpoint);
      return true;
    });
  }

  StartState& state_;
  Random& random_;
  Instant now_;
  Mended done_;
  std::set<EndpointId> ids_;
};

}  // namespace

Mended mend(StartState& state, Random& random, Instant now) {
  return Mender(state, random, now).run();
}

}  // namespace exposee::engine
