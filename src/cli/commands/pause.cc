// exposee pause ENDPOINT: nothing more is sent there, and what comes waits.
#include "cli/commands/commands.h"
#include "cli/commands/endpoint_commands.h"

namespace exposee::cli {

Command pause_command() {
  return {
      .name = "pause",
      .group = Group::client,
      .help = "Send an endpoint nothing until it is resumed; what comes waits",
      .description = "Attempts that are under way finish; no other begins, not even a retry by hand.",
      .arguments = {endpoint_argument()},
      .options = client_options(),
      .examples = {{"exposee pause http://127.0.0.1:9000/hook", "While its receiver is repaired"}},
      .run =
          [](const Arguments& arguments, World& world) {
            return change_endpoint(arguments, world, {"PATCH", "", R"({"paused": true})"});
          },
  };
}

}  // namespace exposee::cli
