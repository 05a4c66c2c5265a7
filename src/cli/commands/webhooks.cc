// exposee webhooks [EVENT]: which URLs each event is sent to.
#include <fmt/format.h>

#include "cli/client/client.h"
#include "cli/client/fields.h"
#include "cli/client/lookups.h"
#include "cli/client/server.h"
#include "cli/commands/commands.h"

namespace exposee::cli {
namespace {

std::string as_text(const JsonElement& list) {
  std::string text;
  each_item(list["webhooks"], [&](const JsonElement& entry) {
    text += text_at(entry, "event") + '\n';
    each_item(entry["urls"], [&](const JsonElement& url) { text += "  " + text_of(url) + '\n'; });
  });
  return text;
}

int list_webhooks(const Arguments& arguments, World& world) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    std::string target = "/webhooks";
    add_query(target, "event_filter", arguments.text("EVENT"));
    const auto reply = client.call("GET", target);
    if (!reply) return std::unexpected(with_meant_event(reply.error(), client, arguments.text("EVENT")));
    const auto list = expect_reply(reply->body, "webhooks");
    if (!list) return std::unexpected(list.error());
    world.out << (arguments.has("--json") ? reply->body + '\n' : as_text(*list));
    return ExitCode::ok;
  });
}

}  // namespace

Command webhooks_command() {
  return {
      .name = "webhooks",
      .group = Group::client,
      .help = "List the events and the URLs they are sent to",
      .arguments = {{.name = "EVENT", .help = "Only this one", .required = false}},
      .options = client_options(),
      .examples = {{"exposee webhooks", "All events"}, {"exposee webhooks user_registered", "One of them"}},
      .run = list_webhooks,
  };
}

}  // namespace exposee::cli
