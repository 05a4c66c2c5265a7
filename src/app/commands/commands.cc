#include "app/commands/commands.h"

#include <iterator>

#include "cli/cli.h"

namespace exposee::app {

std::vector<cli::Command> all_commands(const ServerDoors& doors) {
#define EXPOSEE_ROW(row) row(doors),
  std::vector<cli::Command> all = {EXPOSEE_APP_COMMANDS(EXPOSEE_ROW)};
#undef EXPOSEE_ROW
  auto common = cli::common_commands();
  all.insert(all.end(), std::make_move_iterator(common.begin()), std::make_move_iterator(common.end()));
  return all;
}

}  // namespace exposee::app
