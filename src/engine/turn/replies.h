// How callers are told: each command of a turn once, after the turn has ended. The engine's thread.
#pragma once

#include <vector>

#include "engine/commands.h"

namespace exposee::engine {

// One reply a command, in order; `view`: for those that only look.
void deliver_replies(std::vector<Command>& commands, std::vector<Reply>& replies, const EngineView& view);
void refuse_commands(std::vector<Command>& commands, const Refused& refused, const EngineView& view);

}  // namespace exposee::engine
