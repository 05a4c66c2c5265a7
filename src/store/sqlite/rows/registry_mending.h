// Rows of the registry's tables that no statement of theirs could change, or whose values statements rely on,
// made sound before the first transaction. What contradicts itself only is for the engine (engine/mend.h).
// Part of the writer's connection; its thread.
#pragma once

#include "store/sqlite/database.h"

namespace exposee::store {

// There is one row, and its greatest numbers are possible.
Result<void> mend_meta(Database& db);
// Each can be found by its key.
Result<void> mend_subscriptions(Database& db);

}  // namespace exposee::store
