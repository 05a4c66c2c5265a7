#include "store/sqlite/lists/open_intervals.h"

#include <algorithm>

#include "core/event_type.h"

namespace exposee::store {

Result<OpenIntervals> OpenIntervals::of(Database& db, TypeNames& names, EndpointNumber endpoint) {
  OpenIntervals intervals(names);
  auto query = db.query(
      "SELECT pattern, from_version FROM subscription WHERE endpoint = ?1 AND until_version IS NULL", endpoint);
  while (query.step()) intervals.open_.push_back({query.text(0), query.number<RegistryVersion>(1)});
  EXPOSEE_TRY(query.result());
  return intervals;
}

Result<bool> OpenIntervals::cover(TypeNumber type, RegistryVersion version) {
  auto known = since_.find(type);
  if (known == since_.end()) {
    auto name = names_->name(type);
    if (!name) return std::move(name).error();
    known = since_.emplace(type, since(*name)).first;
  }
  return known->second && *known->second <= version;
}

OpenIntervals::Since OpenIntervals::since(std::string_view type_name) const {
  Since since;
  for (const auto& [pattern, from] : open_) {
    if (type_name.empty() || matches(pattern, type_name)) since = std::min(since.value_or(from), from);
  }
  return since;
}

}  // namespace exposee::store
