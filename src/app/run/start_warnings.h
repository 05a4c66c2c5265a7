// What an operator must hear at every start: choices that are allowed and dangerous. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "app/settings/settings.h"

namespace exposee::app {

// One sentence each; usually none.
std::vector<std::string> start_warnings(const Settings& settings);

}  // namespace exposee::app
