#include "store/sqlite/lists/coverage.h"

#include <algorithm>

#include "core/event_type.h"

namespace exposee::store {

Result<void> Coverage::refresh() {
  auto meta = db_.query("SELECT subscription_changes FROM meta");
  const std::int64_t changes = meta.step() ? meta.integer(0) : 0;
  EXPOSEE_TRY(meta.result());
  if (changes == changes_) return {};
  changes_ = -1;  // until everything is read
  by_type_.clear();
  by_pattern_.clear();
  auto query = db_.query(
      "SELECT endpoint, pattern, from_version, until_version FROM subscription"
      " ORDER BY endpoint DESC, pattern DESC, from_version DESC");
  while (query.step()) {
    by_pattern_[query.text(1)].push_back({query.number<EndpointNumber>(0), query.number<RegistryVersion>(2),
                                          query.number<RegistryVersion>(3)});
  }
  EXPOSEE_TRY(query.result());
  changes_ = changes;
  return {};
}

Result<const Coverage::Lists*> Coverage::lists_of(TypeNumber type) {
  if (const auto known = by_type_.find(type); known != by_type_.end()) return &known->second;
  auto name = names_.name(type);
  if (!name) return std::move(name).error();
  Lists lists;
  for (const auto& pattern : covering(*name)) {
    const auto found = by_pattern_.find(pattern);
    if (found != by_pattern_.end()) lists.push_back(&found->second);
  }
  return &(by_type_[type] = std::move(lists));
}

Result<Cover> Coverage::cover(TypeNumber type, RegistryVersion version, EndpointNumber endpoint) {
  auto lists = lists_of(type);
  if (!lists) return std::move(lists).error();
  Cover cover = Cover::none;
  for (const auto* list : **lists) {
    for (const auto& each : std::ranges::equal_range(*list, endpoint, std::ranges::greater{}, &Interval::endpoint)) {
      if (each.covers(version) && cover != Cover::open) cover = each.cover();
    }
  }
  return cover;
}

Result<std::vector<Coverage::Covered>> Coverage::covered(TypeNumber type, RegistryVersion version) {
  auto lists = lists_of(type);
  if (!lists) return std::move(lists).error();
  std::vector<Covered> all;
  for (const auto* list : **lists) {
    for (const auto& each : *list) {
      if (each.covers(version)) all.push_back({each.endpoint, each.cover()});
    }
  }
  if ((*lists)->size() < 2) return all;
  std::ranges::sort(all, [](const Covered& a, const Covered& b) {
    return a.endpoint != b.endpoint ? a.endpoint > b.endpoint : a.cover < b.cover;
  });
  const auto twice = std::ranges::unique(all, {}, &Covered::endpoint);
  all.erase(twice.begin(), twice.end());
  return all;
}

Result<Coverage::Versions> Coverage::closed(std::optional<TypeNumber> type, std::optional<EndpointNumber> endpoint) {
  Versions versions;
  const auto take = [&](const Intervals& list) {
    for (const auto& each : list) {
      if (!each.until || (endpoint && *endpoint != each.endpoint)) continue;
      versions = versions ? std::pair(std::min(versions->first, each.from), std::max(versions->second, each.until))
                          : std::pair(each.from, each.until);
    }
  };
  if (!type) {
    for (const auto& [pattern, list] : by_pattern_) take(list);
    return versions;
  }
  auto lists = lists_of(*type);
  if (!lists) return std::move(lists).error();
  std::ranges::for_each(**lists, [&](const Intervals* list) { take(*list); });
  return versions;
}

}  // namespace exposee::store
