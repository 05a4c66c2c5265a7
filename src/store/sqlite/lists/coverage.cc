#include "store/sqlite/lists/coverage.h"

#include <algorithm>

namespace exposee::store {

Result<void> Coverage::refresh() {
  auto meta = db_.query("SELECT subscription_changes FROM meta");
  const std::int64_t changes = meta.step() ? meta.integer(0) : 0;
  EXPOSEE_TRY(meta.result());
  if (changes == changes_) return {};
  changes_ = -1;  // until everything is read
  by_type_.clear();
  auto query = db_.query(
      "SELECT type, endpoint, from_version, until_version FROM subscription"
      " ORDER BY type DESC, endpoint DESC, from_version DESC");
  while (query.step()) {
    const auto type = query.number<TypeNumber>(0);
    by_type_[type].push_back({type, query.number<EndpointNumber>(1), query.number<RegistryVersion>(2),
                              query.number<RegistryVersion>(3)});
  }
  EXPOSEE_TRY(query.result());
  changes_ = changes;
  return {};
}

const std::vector<Subscription>& Coverage::of(TypeNumber type) const {
  static const std::vector<Subscription> none;
  const auto found = by_type_.find(type);
  return found == by_type_.end() ? none : found->second;
}

Cover Coverage::cover(TypeNumber type, RegistryVersion version, EndpointNumber endpoint) const {
  const auto descending = [](const Subscription& s) { return s.endpoint; };
  for (const auto& s : std::ranges::equal_range(of(type), endpoint, std::ranges::greater{}, descending)) {
    if (s.covers(version)) return s.until ? Cover::closed : Cover::open;
  }
  return Cover::none;
}

}  // namespace exposee::store
