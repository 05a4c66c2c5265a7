// exposee unregister EVENT URL: the event is not sent there any more.
#include <fmt/format.h>

#include "cli/client/client.h"
#include "cli/client/fields.h"
#include "cli/client/lookups.h"
#include "cli/commands/commands.h"
#include "json/writer.h"

namespace exposee::cli {
namespace {

int unregister_webhook(const Arguments& arguments, World& world) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    const std::string event = printable(arguments.text("EVENT")), url = printable(arguments.text("URL"));
    const auto body =
        JsonWriter().begin_object().member("event", event).member("url", url).end_object().take();
    if (const auto reply = client.call("DELETE", "/webhook", body); !reply)
      return std::unexpected(with_meant_event(reply.error(), client, event));
    world.out << (arguments.has("--json") ? body + '\n'
                                          : fmt::format("{} is not sent to {} any more.\n", event, url));
    return ExitCode::ok;
  });
}

}  // namespace

Command unregister_command() {
  return {
      .name = "unregister",
      .group = Group::client,
      .help = "Stop sending an event to a URL",
      .description = "Any spelling of the URL will do. Ends with 5 when it is not registered for the event.",
      .arguments = {{.name = "EVENT", .help = "Name of the event"},
                    {.name = "URL", .help = "Where it was sent"}},
      .options = client_options(),
      .examples = {{"exposee unregister user_registered http://127.0.0.1:9000/hook",
                    "That URL gets no more of it"}},
      .run = unregister_webhook,
  };
}

}  // namespace exposee::cli
