// All subscriptions, past and present, in memory: which endpoints an event was owed to, and whether it still
// is. One per reader, refreshed inside its snapshot when subscriptions have changed; its thread.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

// What intervals of versions say of one event and one endpoint: an open one counts before those that are closed.
enum class Cover : std::uint8_t { none, open, closed };

class Coverage {
 public:
  Coverage(Database& db, TypeNames& names) : db_(db), names_(names) {}

  // Reads the subscriptions again if they changed since the last call.
  Result<void> refresh();

  Result<Cover> cover(TypeNumber type, RegistryVersion version, EndpointNumber endpoint);
  // To whom events of one type were owed that were accepted under one version, each once; in order of endpoint,
  // descending.
  struct Covered {
    EndpointNumber endpoint;
    Cover cover;
  };
  Result<std::vector<Covered>> covered(TypeNumber type, RegistryVersion version);
  // Of the closed intervals, by patterns that match the type and of the endpoint where these are given: the first
  // version of all, and the one after the last.
  using Versions = std::optional<std::pair<RegistryVersion, RegistryVersion>>;
  Result<Versions> closed(std::optional<TypeNumber> type, std::optional<EndpointNumber> endpoint);

 private:
  struct Interval {
    EndpointNumber endpoint;
    RegistryVersion from, until;  // zero: open
    bool covers(RegistryVersion v) const { return from <= v && (!until || v < until); }
    Cover cover() const { return until ? Cover::closed : Cover::open; }
  };
  using Intervals = std::vector<Interval>;  // in order of endpoint, descending
  using Lists = std::vector<const Intervals*>;
  Result<const Lists*> lists_of(TypeNumber type);

  Database& db_;
  TypeNames& names_;
  std::int64_t changes_ = -1;  // meta.subscription_changes when they were read
  std::unordered_map<std::string, Intervals> by_pattern_;
  std::unordered_map<TypeNumber, Lists> by_type_;  // of those types that were asked for
};

}  // namespace exposee::store
