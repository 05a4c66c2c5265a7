// The command line: words to one command of the table, which is then run. Understands, suggests what was meant,
// checks that standard output took everything. Errors of the command line end with ExitCode::usage, whatever
// the parser's own codes are. One call per process; the calling thread.
#pragma once

#include <string>
#include <vector>

#include "cli/world.h"

namespace exposee::cli {

// The commands that need no settings and no store; the app adds its own rows.
std::vector<Command> common_commands();

// `words`: the command line without the program's name. Runs a command of `world.table`; the exit code of the
// process.
int run_cli(std::vector<std::string> words, World& world);

}  // namespace exposee::cli
