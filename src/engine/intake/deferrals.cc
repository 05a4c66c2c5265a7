#include "engine/intake/deferrals.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace exposee::engine {

bool Deferrals::hold(EndpointNumber number) const {
  return std::ranges::find(deferred_, number, &Deferred::endpoint) != deferred_.end();
}

bool Deferrals::any_ready() const {
  return !std::ranges::all_of(deferred_, [this](const Deferred& each) { return waits(each); });
}

void Deferrals::bring(std::vector<Command>& commands) {
  if (deferred_.empty()) return;
  const auto ready = std::ranges::stable_partition(deferred_, [this](const Deferred& each) { return waits(each); });
  std::vector<Command> all;
  for (auto& deferred : ready) all.push_back(std::move(deferred.command));
  deferred_.erase(ready.begin(), ready.end());
  std::ranges::move(commands, std::back_inserter(all));
  commands.swap(all);
}

void Deferrals::give_up(std::vector<Command>& commands) {
  for (auto& deferred : deferred_) commands.push_back(std::move(deferred.command));
  deferred_.clear();
}

}  // namespace exposee::engine
