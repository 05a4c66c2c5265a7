// Who is subscribed to what, by pattern: one pass over a registry snapshot, so that listing all types costs
// what it answers and not types times endpoints. Building takes long when endpoints are many, so it is done
// on a reading thread, once for each snapshot that is asked about. Immutable once built; any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/access/registry_view.h"

namespace exposee::api {

class Subscriptions {
 public:
  explicit Subscriptions(RegistryView registry);

  const RegistryView& registry() const { return registry_; }
  // Endpoints subscribed to the type, in the order in which they registered for it (disabled ones included).
  std::vector<const Endpoint*> to(std::string_view type_name) const;

 private:
  // One pattern of one endpoint.
  struct Entry {
    RegistryVersion since;
    EndpointNumber endpoint;
    std::uint32_t position;  // of the pattern in the endpoint's list: the first that matches counts
  };
  using Entries = std::vector<Entry>;

  std::vector<const Entries*> lists_for(std::string_view type_name) const;

  RegistryView registry_;
  std::unordered_map<std::string_view, Entries> by_pattern_;  // keys point into the snapshot
};

// The subscriptions of the snapshot that was asked about last. Any thread.
class SubscriptionCache {
 public:
  std::shared_ptr<const Subscriptions> of(const RegistryView& registry);

 private:
  std::mutex mutex_;  // held while building: others that ask meanwhile would build the same
  std::shared_ptr<const Subscriptions> last_;
};

}  // namespace exposee::api
