// Whether data that is damaged could be served with its pages as they are, looked up without changing anything, so that
// no hint names a command that cannot help. Called while this process has no connection to the file, whose locks it
// would give back. Any thread.
#pragma once

#include <string>

#include "core/result.h"

namespace exposee::store {

// Error: damaged, with a hint that does not lead to 'exposee accept-data'; unavailable.
Result<void> check_acceptable(const std::string& file);

// The same error; of damage, with the way out that there is.
Error with_way_out(Error error, const std::string& file);

}  // namespace exposee::store
