// What Store::forget() does: removed endpoints lose their rows once nothing of theirs is kept. Part of the writer; its
// thread.
#pragma once

#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"

namespace exposee::store {

// Of each it looks at some rows, however many endpoints and events there are.
Result<std::vector<EndpointNumber>> forget_endpoints(Database& db, std::span<const EndpointNumber> endpoints);

}  // namespace exposee::store
