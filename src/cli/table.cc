#include "cli/cli.h"
#include "cli/commands/commands.h"

namespace exposee::cli {

std::vector<Command> common_commands() {
#define EXPOSEE_ROW(row) row(),
  return {EXPOSEE_CLI_COMMANDS(EXPOSEE_ROW)};
#undef EXPOSEE_ROW
}

}  // namespace exposee::cli
