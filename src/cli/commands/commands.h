// The table of the commands that need no settings and no store, in the order of help: one line and one file
// each (cli/commands/<name>.cc), which gives the row. The commands of the server itself are in
// app/commands/commands.h.
#pragma once

#include "cli/command.h"

#define EXPOSEE_CLI_COMMANDS(ROW) \
  ROW(healthcheck_command)        \
  ROW(status_command)             \
  ROW(register_command)           \
  ROW(unregister_command)         \
  ROW(webhooks_command)           \
  ROW(ping_command)               \
  ROW(send_command)               \
  ROW(endpoints_command)          \
  ROW(pause_command)              \
  ROW(resume_command)             \
  ROW(enable_command)             \
  ROW(deliveries_command)         \
  ROW(delivery_command)           \
  ROW(retry_command)              \
  ROW(completion_command)         \
  ROW(man_command)                \
  ROW(help_command)

namespace exposee::cli {

#define EXPOSEE_DECLARE(row) Command row();
EXPOSEE_CLI_COMMANDS(EXPOSEE_DECLARE)
#undef EXPOSEE_DECLARE

}  // namespace exposee::cli
