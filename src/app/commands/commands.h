// The commands that need settings, the store or the server itself, as rows of the same table as those of
// cli/commands/commands.h: one line and one file each. Main thread.
#pragma once

#include <functional>
#include <vector>

#include "app/log/log.h"
#include "app/run/reload.h"
#include "app/settings/settings.h"
#include "cli/command.h"
#include "ports/clock.h"

// In the order of help.
#define EXPOSEE_APP_COMMANDS(ROW) \
  ROW(serve_command)              \
  ROW(check_config_command)       \
  ROW(backup_command)             \
  ROW(accept_data_command)        \
  ROW(version_command)

namespace exposee::app {

// What these commands touch beyond cli/world.h; tests bring their own. Outlives the commands.
struct ServerDoors {
  const Clock& clock;
  std::function<int(const Settings&, const SettingsReader&, Log&)> serve;  // app/run/serve.h
  LogWriter log_out = {};                                                  // of a server; empty: standard error
  bool err_is_terminal = false;
};

#define EXPOSEE_DECLARE(row) cli::Command row(const ServerDoors& doors);
EXPOSEE_APP_COMMANDS(EXPOSEE_DECLARE)
#undef EXPOSEE_DECLARE

// All commands there are: these, then cli::common_commands().
std::vector<cli::Command> all_commands(const ServerDoors& doors);

}  // namespace exposee::app
