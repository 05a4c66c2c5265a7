// The command line: words to commands. Understands, suggests what was meant, and hands over to
// app/cli/commands.h. Errors of the command line end with ExitCode::usage, whatever the parser's own codes are.
#pragma once

#include <string>
#include <vector>

#include "app/cli/commands.h"

namespace exposee::app {

// `words`: the command line without the program's name. Gives back the process's exit code.
int run_cli(std::vector<std::string> words, World& world);

// What main() calls: run_cli over the real streams, clock, environment and server.
int run_main(int argc, char** argv);

}  // namespace exposee::app
