// How the commands that handle the data directory say that they could not. Main thread.
#pragma once

#include "cli/world.h"
#include "core/result.h"

namespace exposee::app {

// "exposee: <sentence> <hint>" on `err`; the exit code.
int complain(const Error& error, cli::World& world);

}  // namespace exposee::app
