// The living registry: event types, endpoints and who is subscribed to what. Changes are made while a turn
// decides, are collected to be written with it, and become final with its commit; rollback() undoes all since
// the last one. Engine's thread only.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/commands.h"
#include "engine/pattern_table.h"
#include "engine/subscribing.h"
#include "ports/store.h"

namespace exposee::engine {

struct EndpointState {
  std::shared_ptr<const Endpoint> endpoint;
  OpenSubscriptions open;  // empty when disabled or removed
};

class Registry {
 public:
  void load(const StartState& start);

  RegistryVersion version() const { return version_; }
  const EventType* type_named(std::string_view name) const;       // not removed
  const EventType* any_type_named(std::string_view name) const;   // removed ones too
  const std::vector<EventType>& types() const { return types_; }  // removed ones too
  // Removed ones too; nothing for a number that no endpoint has, or that of one which is forgotten.
  const EndpointState* find(EndpointNumber number) const;
  const EndpointState* find(const EndpointId& id) const;  // not removed
  const EndpointState* find_url(std::string_view url) const;
  std::size_t endpoint_count() const { return by_url_.size(); }
  // Number n at n - 1; those that are forgotten have no endpoint.
  const std::vector<EndpointState>& all() const { return states_; }
  // Endpoints owed an event of this type that is accepted now.
  Subscribers subscribers(TypeNumber type) const { return patterns_.subscribers(type); }
  // Whether an event of `type` accepted under `version` is still owed to it.
  bool owes(EndpointNumber number, TypeNumber type, RegistryVersion version) const {
    return engine::owes(find(number)->open, patterns_.matching(type), version);
  }
  const PatternTable& patterns() const { return patterns_; }

  // Changes. Each raises the version by one.
  // Whoever is subscribed by a pattern that matches it is owed its events: no endpoint changes.
  void add_type(EventType type);
  // Replaces the type of that number and name: its description, and whether it is removed. Who is subscribed by
  // patterns that match it stays so, so that what is owed of its events stays owed, and nothing is to be done when it
  // is declared again.
  void change_type(EventType type);
  void add_endpoint(Endpoint endpoint);
  // Replaces the endpoint of that number; opens and closes subscriptions as its patterns and state now say.
  void change_endpoint(Endpoint endpoint);

  // One that counts for no event, with its end: for the disk alone.
  void close_lost(const Subscription& subscription);

  EndpointNumber next_endpoint() const { return EndpointNumber{states_.size() + 1}; }
  TypeNumber next_type() const { return TypeNumber{types_.size() + 1}; }
  RegistryVersion next_version() const { return RegistryVersion{version_.value + 1}; }

  // What changed since the last settle().
  struct Change {
    EndpointNumber number;
    bool interrupted;  // it was disabled or removed, before or meanwhile, or is now
    bool cut_off;      // something that was owed to it before is owed no more
  };
  bool changed() const { return !undo_.empty(); }  // anything at all
  bool has_changed(EndpointNumber number) const;
  const RegistryChanges& changes() const { return changes_; }           // to be written
  RegistryVersion settled_version() const { return settled_version_; }  // before them
  std::vector<Change> changed_endpoints() const;                        // in order of number
  void settle();                                                        // the changes are on disk
  void rollback();                                                      // the changes never happened
  // Removed endpoints of which nothing is kept: as if they had never been there, but that no other gets their
  // numbers. Nothing is changed and undecided.
  void forget(std::span<const EndpointNumber> endpoints);
  std::shared_ptr<const RegistrySnapshot> snapshot() const;

 private:
  struct Undo {
    RegistryVersion version;
    std::size_t type_count;
    std::optional<EndpointState> before;  // none: the endpoint was new
    EndpointNumber number;                // zero: only a type was added or changed
    std::optional<EventType> type_before = std::nullopt;
  };

  EndpointState subscribed(Endpoint&& endpoint, std::span<const OpenSubscription> before);
  void collect_subscriptions(const EndpointState* before, const EndpointState& after);
  void put(EndpointState state);
  void unindex(const EndpointState& state);
  void index(const EndpointState& state);
  void list(const std::shared_ptr<const Endpoint>& endpoint);
  void subscribe(const EndpointState& state);
  void unsubscribe(const EndpointState& state);

  RegistryVersion version_, settled_version_;
  RegistryChanges changes_;
  std::vector<EventType> types_;  // number n at n - 1
  std::unordered_map<std::string, std::size_t> type_by_name_;
  // For snapshots. What a rollback takes back stays in them: a number that is found there is checked.
  EndpointTable endpoints_;
  SortedRuns<EndpointId, EndpointNumber> numbers_;
  SortedRuns<std::size_t, EndpointNumber> url_numbers_;
  SortedRuns<std::string, TypeNumber> type_numbers_;
  std::vector<EndpointState> states_;  // number n at n - 1
  // Not removed; the keys are those of the endpoints in states_; two of one URL only by damage.
  std::unordered_multimap<std::string_view, EndpointNumber> by_url_;
  PatternTable patterns_;
  std::vector<Undo> undo_;
};

}  // namespace exposee::engine
