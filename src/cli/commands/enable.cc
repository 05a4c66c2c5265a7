// exposee enable ENDPOINT: one that was disabled is sent new events again.
#include "cli/commands/commands.h"
#include "cli/commands/endpoint_commands.h"

namespace exposee::cli {

Command enable_command() {
  return {
      .name = "enable",
      .group = Group::client,
      .help = "Send a disabled endpoint new events again",
      .description =
          "Events that were accepted meanwhile are not sent; deliveries that were cancelled can be retried. "
          "Nothing changes when the endpoint is not disabled.",
      .arguments = {endpoint_argument()},
      .options = client_options(),
      .examples = {{"exposee enable ep_01jtfnvy1ket6rbm2x4n8c0q5w", "Its receiver is back"}},
      .run = [](const Arguments& arguments,
                World& world) { return change_endpoint(arguments, world, {"POST", "/enable", ""}); },
  };
}

}  // namespace exposee::cli
