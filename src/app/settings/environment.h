// The variables of this process (core/environment.h). Read once at the start, before there are threads.
#pragma once

#include "core/environment.h"

namespace exposee::app {

Environment process_environment();

}  // namespace exposee::app
