#include "engine/registry.h"

#include <algorithm>
#include <map>
#include <ranges>

#include "core/assert.h"

namespace exposee::engine {

void Registry::load(const StartState& start) {
  version_ = settled_version_ = start.version;
  types_ = start.types;
  for (std::size_t i = 0; i < types_.size(); ++i) type_by_name_[types_[i].name] = i;
  for (const auto& type : types_) type_numbers_.add(type.name, type.number);
  for (const auto& endpoint : start.endpoints) {
    states_.resize(endpoint.number.value);
    states_.back().endpoint = std::make_shared<const Endpoint>(endpoint);
  }
  for (const auto& s : start.subscriptions) {
    states_.at(s.endpoint.value - 1).open.push_back({patterns_.intern(s.pattern), s.from});
  }
  for (const auto& type : types_) patterns_.add_type(type.name);
  for (auto& state : states_) {
    if (!state.endpoint) continue;
    std::ranges::sort(state.open, {}, &OpenSubscription::pattern);
    subscribe(state);
    index(state);
    list(state.endpoint);
  }
  patterns_.sweep();
}

const EventType* Registry::type_named(std::string_view name) const {
  const auto* type = any_type_named(name);
  return type && !type->removed_at ? type : nullptr;
}

const EventType* Registry::any_type_named(std::string_view name) const {
  auto it = type_by_name_.find(std::string(name));
  return it == type_by_name_.end() ? nullptr : &types_[it->second];
}

const EndpointState* Registry::find(EndpointNumber number) const {
  if (number.value < 1 || number.value > states_.size()) return nullptr;
  const auto& state = states_[number.value - 1];
  return state.endpoint ? &state : nullptr;
}

const EndpointState* Registry::find(const EndpointId& id) const {
  const auto number = numbers_.find(id);
  const auto* state = number ? find(*number) : nullptr;
  return state && state->endpoint->id == id && !state->endpoint->removed_at ? state : nullptr;
}

const EndpointState* Registry::find_url(std::string_view url) const {
  auto it = by_url_.find(url);
  return it == by_url_.end() ? nullptr : find(it->second);
}

void Registry::add_type(EventType type) {
  undo_.push_back({version_, types_.size(), std::nullopt, {}});
  changes_.version = version_ = next_version();
  type_by_name_[type.name] = types_.size();
  types_.push_back(type);
  type_numbers_.add(type.name, type.number);
  patterns_.add_type(type.name);
  changes_.types.push_back(type);
}

void Registry::change_type(EventType type) {
  auto& place = types_.at(type.number.value - 1);
  EXPOSEE_ASSERT(place.name == type.name, "a type keeps its name");
  undo_.push_back({version_, types_.size(), std::nullopt, {}, place});
  changes_.version = version_ = next_version();
  place = std::move(type);
  changes_.types.push_back(place);
}

void Registry::add_endpoint(Endpoint endpoint) {
  EXPOSEE_ASSERT(endpoint.number == next_endpoint(), "endpoint numbers are dense");
  undo_.push_back({version_, types_.size(), std::nullopt, endpoint.number});
  changes_.version = version_ = next_version();
  const auto state = subscribed(std::move(endpoint), {});
  states_.push_back(state);
  subscribe(state);
  index(state);
  list(state.endpoint);
  changes_.endpoints.push_back(state.endpoint);
  collect_subscriptions(nullptr, state);
}

void Registry::change_endpoint(Endpoint endpoint) {
  const auto* found = find(endpoint.number);
  EXPOSEE_ASSERT(found, "only an endpoint that exists can change");
  const EndpointState before = *found;
  undo_.push_back({version_, types_.size(), before, endpoint.number});
  changes_.version = version_ = next_version();
  const auto after = subscribed(std::move(endpoint), before.open);
  put(after);
  changes_.endpoints.push_back(after.endpoint);
  collect_subscriptions(&before, after);
}

void Registry::close_lost(const Subscription& subscription) {
  undo_.push_back({version_, types_.size(), std::nullopt, {}});
  changes_.version = version_ = next_version();
  changes_.subscriptions.push_back(subscription);
}

EndpointState Registry::subscribed(Endpoint&& endpoint, std::span<const OpenSubscription> before) {
  EndpointState state{std::make_shared<const Endpoint>(std::move(endpoint)), {}};
  if (state.endpoint->is_active()) state.open = reopened(patterns_, state.endpoint->events, before, version_);
  return state;
}

void Registry::collect_subscriptions(const EndpointState* before, const EndpointState& after) {
  const auto number = after.endpoint->number;
  const std::span<const OpenSubscription> was = before ? before->open : std::span<const OpenSubscription>{};
  const auto put = [&](const OpenSubscription& one, RegistryVersion until) {
    changes_.subscriptions.push_back({patterns_.text(one.pattern), number, one.from, until});
  };
  const auto stands = [](const OpenSubscription& one, std::span<const OpenSubscription> among) {
    const auto* same = find_open(among, one.pattern);
    return same && *same == one;
  };
  for (const auto& one : after.open) {
    if (!stands(one, was)) put(one, {});
  }
  for (const auto& one : was) {
    if (!stands(one, after.open)) put(one, version_);
  }
}

void Registry::put(EndpointState state) {
  auto& place = states_.at(state.endpoint->number.value - 1);
  const bool moves = place.open != state.open;
  if (moves) unsubscribe(place);
  unindex(place);
  place = std::move(state);
  if (moves) subscribe(place);
  index(place);
  endpoints_.put(place.endpoint);
}

// For snapshots: found by its id and its URL from now on.
void Registry::list(const std::shared_ptr<const Endpoint>& endpoint) {
  endpoints_.put(endpoint);
  numbers_.add(endpoint->id, endpoint->number);
  if (!endpoint->removed_at) url_numbers_.add(hash_of_url(endpoint->url), endpoint->number);
}

void Registry::unindex(const EndpointState& state) {
  if (state.endpoint->removed_at) return;
  const auto [first, last] = by_url_.equal_range(state.endpoint->url);
  const auto own =
      std::find_if(first, last, [&](const auto& e) { return e.second == state.endpoint->number; });
  if (own != last) by_url_.erase(own);
}

void Registry::index(const EndpointState& state) {
  if (!state.endpoint->removed_at) by_url_.emplace(state.endpoint->url, state.endpoint->number);
}

void Registry::subscribe(const EndpointState& state) {
  for (const auto& one : state.open) patterns_.hold(one.pattern);
  for (const auto pattern : widest(patterns_, state.open)) patterns_.list(pattern, state.endpoint->number);
}

void Registry::unsubscribe(const EndpointState& state) {
  for (const auto pattern : widest(patterns_, state.open)) patterns_.unlist(pattern, state.endpoint->number);
  for (const auto& one : state.open) patterns_.let_go(one.pattern);
}

std::vector<Registry::Change> Registry::changed_endpoints() const {
  std::map<EndpointNumber, Change> changes;
  for (const auto& undo : undo_) {
    if (!undo.number) continue;
    const auto& now = *find(undo.number);
    auto& change =
        changes.try_emplace(undo.number, undo.number, !now.endpoint->is_active(), false).first->second;
    if (!undo.before) continue;
    change.interrupted |= !undo.before->endpoint->is_active();
    change.cut_off |= owes_less(patterns_, now.open, undo.before->open);
  }
  const auto all = changes | std::views::values;
  return {all.begin(), all.end()};
}

bool Registry::has_changed(EndpointNumber number) const {
  return std::ranges::find(undo_, number, &Undo::number) != undo_.end();
}

void Registry::settle() {
  undo_.clear();
  changes_.clear();
  patterns_.sweep();
  settled_version_ = version_;
}

void Registry::rollback() {
  for (auto undo = undo_.rbegin(); undo != undo_.rend(); ++undo) {
    version_ = undo->version;
    if (undo->before) {
      put(*undo->before);
    } else if (undo->number) {
      unsubscribe(states_.back());
      unindex(states_.back());
      endpoints_.drop(undo->number);
      states_.pop_back();
    }
    if (undo->type_before) types_[undo->type_before->number.value - 1] = *undo->type_before;
    while (types_.size() > undo->type_count) {
      type_by_name_.erase(types_.back().name);
      types_.pop_back();
      patterns_.drop_last_type();
    }
  }
  undo_.clear();
  changes_.clear();
  patterns_.sweep();
}

void Registry::forget(std::span<const EndpointNumber> endpoints) {
  EXPOSEE_ASSERT(!changed(), "what is forgotten is in no change");
  for (const auto number : endpoints) {
    auto& state = states_.at(number.value - 1);
    EXPOSEE_ASSERT(state.endpoint && state.endpoint->removed_at && state.open.empty(),
                   "only what was removed goes");
    endpoints_.drop(number);
    state = {};
  }
}

std::shared_ptr<const RegistrySnapshot> Registry::snapshot() const {
  auto snapshot = std::make_shared<RegistrySnapshot>();
  snapshot->version = version_;
  snapshot->endpoints = endpoints_;
  snapshot->numbers = numbers_;
  snapshot->url_numbers = url_numbers_;
  snapshot->type_numbers = type_numbers_;
  for (const auto& type : types_) {
    (type.removed_at ? snapshot->removed_types : snapshot->types).push_back(type);
  }
  return snapshot;
}

}  // namespace exposee::engine
