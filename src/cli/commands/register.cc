// exposee register EVENT URL: from now on the event is sent there.
#include "cli/client/client.h"
#include "cli/client/fields.h"
#include "cli/client/lookups.h"
#include "cli/commands/commands.h"
#include "cli/print/columns.h"
#include "json/writer.h"

namespace exposee::cli {
namespace {

std::string as_text(const JsonElement& registered) {
  std::vector<Row> rows = {{{"Event"}, {text_at(registered, "event")}},
                           {{"URL"}, {text_at(registered, "url")}},
                           {{"Endpoint"}, {text_at(registered, "endpoint_id")}}};
  if (auto secret = text_at(registered, "secret"); !secret.empty()) rows.push_back({{"Secret"}, {secret}});
  return columns(rows, false);
}

int register_webhook(const Arguments& arguments, World& world) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    JsonWriter body;
    body.begin_object().member("event", printable(arguments.text("EVENT")));
    body.member("url", printable(arguments.text("URL"))).end_object();
    const auto reply = client.ask("POST", "/webhook", body.take());
    if (!reply) return std::unexpected(reply.error());
    if (reply->status != 200) {
      auto failure = client.refusal(*reply);
      if (reply->status == 400) failure.code = ExitCode::conflict;  // the contract's "already exists"
      return std::unexpected(with_meant_event(std::move(failure), client, arguments.text("EVENT")));
    }
    const auto registered = expect_reply(reply->body, "event");
    if (!registered) return std::unexpected(registered.error());
    world.out << (arguments.has("--json") ? reply->body + '\n' : as_text(*registered));
    if (!arguments.has("--json")) world.err << "Try: exposee ping " << text_at(*registered, "event") << '\n';
    return ExitCode::ok;
  });
}

}  // namespace

Command register_command() {
  return {
      .name = "register",
      .group = Group::client,
      .help = "Send an event to a URL from now on",
      .description =
          "Shows the signing secret when the URL is new. Ends with 6 when it is registered already. Events "
          "whose names have dots or hyphens are subscribed to with POST /v1/endpoints.",
      .arguments = {{.name = "EVENT", .help = "Name of the event"},
                    {.name = "URL", .help = "Where to send it"}},
      .options = client_options(),
      .examples = {{"exposee register user_registered http://127.0.0.1:9000/hook",
                    "Tell that URL of new users"}},
      .run = register_webhook,
  };
}

}  // namespace exposee::cli
