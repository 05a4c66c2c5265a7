// All subscriptions, past and present, in memory: which endpoints an event was owed to, and whether it still
// is. One per reader, refreshed inside its snapshot when subscriptions have changed; its thread.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"

namespace exposee::store {

// What an interval of versions says of one event and one endpoint.
enum class Cover : std::uint8_t { none, open, closed };

class Coverage {
 public:
  explicit Coverage(Database& db) : db_(db) {}

  // Reads the subscriptions again if they changed since the last call.
  Result<void> refresh();

  Cover cover(TypeNumber type, RegistryVersion version, EndpointNumber endpoint) const;
  // Of one type: in order of endpoint, descending.
  const std::vector<Subscription>& of(TypeNumber type) const;
  const std::unordered_map<TypeNumber, std::vector<Subscription>>& all() const { return by_type_; }

 private:
  Database& db_;
  std::int64_t changes_ = -1;  // meta.subscription_changes when they were read
  std::unordered_map<TypeNumber, std::vector<Subscription>> by_type_;
};

}  // namespace exposee::store
