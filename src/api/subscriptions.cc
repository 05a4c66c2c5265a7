#include "api/subscriptions.h"

#include <algorithm>
#include <utility>

#include "core/event_type.h"

namespace exposee::api {

Subscriptions::Subscriptions(RegistryView registry) : registry_(std::move(registry)) {
  for (const auto& endpoint : registry_.endpoints()) {
    std::uint32_t position = 0;
    for (const auto& entry : endpoint->events) {
      by_pattern_[entry.pattern].push_back({entry.since, endpoint->number, position++});
    }
  }
}

std::vector<const Subscriptions::Entries*> Subscriptions::lists_for(std::string_view type_name) const {
  std::vector<const Entries*> lists;
  for (const auto& pattern : covering(type_name)) {
    const auto found = by_pattern_.find(pattern);
    if (found != by_pattern_.end()) lists.push_back(&found->second);
  }
  return lists;
}

std::vector<const Endpoint*> Subscriptions::to(std::string_view type_name) const {
  Entries found;
  for (const auto* list : lists_for(type_name)) found.insert(found.end(), list->begin(), list->end());
  const auto by_number = [](const Entry& e) { return std::pair(e.endpoint, e.position); };
  std::ranges::sort(found, {}, by_number);
  const auto repeated = std::ranges::unique(found, {}, &Entry::endpoint);
  found.erase(repeated.begin(), repeated.end());
  std::ranges::stable_sort(found, {}, &Entry::since);
  std::vector<const Endpoint*> endpoints;
  endpoints.reserve(found.size());
  for (const auto& entry : found) endpoints.push_back(registry_.endpoint_numbered(entry.endpoint));
  return endpoints;
}

std::shared_ptr<const Subscriptions> SubscriptionCache::of(const RegistryView& registry) {
  const std::lock_guard lock(mutex_);
  if (!last_ || !last_->registry().is_same(registry)) {
    last_ = std::make_shared<const Subscriptions>(registry);
  }
  return last_;
}

}  // namespace exposee::api
