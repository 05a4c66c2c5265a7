// exposee resume ENDPOINT: what waits for it is sent, whether it was paused or is held.
#include "cli/commands/commands.h"
#include "cli/commands/endpoint_commands.h"

namespace exposee::cli {

Command resume_command() {
  return {
      .name = "resume",
      .group = Group::client,
      .help = "Send an endpoint what waits for it: ends a pause or a hold",
      .description =
          "Of an endpoint whose receiver asked for no requests (Retry-After) it ends that hold; of one whose "
          "circuit breaker is open it sends the next probe at once.",
      .arguments = {endpoint_argument()},
      .options = client_options(),
      .examples = {{"exposee resume ep_01jtfnvy1ket6rbm2x4n8c0q5w", "Its receiver is back"}},
      .run =
          [](const Arguments& arguments, World& world) {
            return change_endpoint(arguments, world, {"PATCH", "", R"({"paused": false})"});
          },
  };
}

}  // namespace exposee::cli
