// The step to the fifteenth schema: rows of subscriptions by type become rows by pattern, and every event that is there
// is owed to whom it was owed before. Part of the writer's connection, inside the step's transaction.
#pragma once

#include "store/sqlite/database.h"

namespace exposee::store {

// Fills the new table from `subscription_by_type`, which goes.
Result<void> subscribe_by_pattern(Database& db);

}  // namespace exposee::store
