// The open subscriptions of one endpoint, as they are when it is made: from which version on each type is owed to it. On
// the connection that it is given, which must outlive it; its thread.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ids.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

class OpenIntervals {
 public:
  static Result<OpenIntervals> of(Database& db, TypeNames& names, EndpointNumber endpoint);

  bool empty() const { return open_.empty(); }  // nothing is owed to it
  // Whether one of them covers an event. Of a type whose name cannot be read whichever does may.
  Result<bool> cover(TypeNumber type, RegistryVersion version);

 private:
  struct Open {
    std::string pattern;
    RegistryVersion from;
  };
  using Since = std::optional<RegistryVersion>;  // nothing: never

  explicit OpenIntervals(TypeNames& names) : names_(&names) {}
  Since since(std::string_view type_name) const;

  TypeNames* names_;
  std::vector<Open> open_;
  std::unordered_map<TypeNumber, Since> since_;  // of those types that were asked for
};

}  // namespace exposee::store
