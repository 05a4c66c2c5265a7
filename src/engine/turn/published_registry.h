// The registry as other threads see it. Once changes are on disk they become final, and what follows from
// them happens: lanes follow, rows of endpoints that are inactive begin to end, the snapshot is replaced.
// Owned by the engine; its thread, but for registry().
#pragma once

#include <atomic>
#include <memory>

#include "engine/dispatch/dispatcher.h"
#include "engine/housekeeping.h"
#include "engine/registry.h"

namespace exposee::engine {

class PublishedRegistry final : public RegistrySource {
 public:
  PublishedRegistry(Registry& registry, Dispatcher& dispatcher, Housekeeping& housekeeping,
                    Observer& observer)
      : registry_(registry), dispatcher_(dispatcher), housekeeping_(housekeeping), observer_(observer) {}

  std::shared_ptr<const RegistrySnapshot> registry() const override { return snapshot_.load(); }

  void publish();
  // `changes`: all of what the registry has changed, which is on disk.
  void settle(const std::vector<Registry::Change>& changes, Instant now);
  // The store has forgotten these endpoints. `more`: others follow soon.
  void forget(const std::vector<EndpointNumber>& endpoints, bool more);

 private:
  Registry& registry_;
  Dispatcher& dispatcher_;
  Housekeeping& housekeeping_;
  Observer& observer_;
  std::atomic<std::shared_ptr<const RegistrySnapshot>> snapshot_;
  bool is_behind_ = false;  // it has endpoints that are forgotten
};

}  // namespace exposee::engine
