// exposee retry ID...: one more attempt at each delivery, at once.
#include <fmt/format.h>

#include "cli/client/client.h"
#include "cli/client/fields.h"
#include "cli/client/server.h"
#include "cli/commands/commands.h"
#include "json/writer.h"

namespace exposee::cli {
namespace {

// How it ends: well, as all that failed did, or simply failed.
void note(ExitCode code, ExitCode& all) {
  if (code == ExitCode::ok) return;
  all = all == ExitCode::ok || all == code ? code : ExitCode::failed;
}

bool is_about_one(const Failure& failure) {
  return failure.code != ExitCode::unreachable && failure.code != ExitCode::timed_out &&
         failure.code != ExitCode::not_authorised;
}

std::string json_of(const std::string& id, const std::expected<HttpReply, Failure>& reply) {
  if (reply) return reply->body;
  return JsonWriter()
      .begin_object()
      .member("id", printable(id))
      .member("error", reply.error().sentence)
      .end_object()
      .take();
}

std::expected<HttpReply, Failure> retry_one(const Client& client, const std::string& id) {
  auto reply = client.call("POST", fmt::format("/v1/deliveries/{}/retry", encoded(id)));
  if (!reply) return reply;
  if (auto told = expect_reply(reply->body, "id"); !told) return std::unexpected(told.error());
  return reply;
}

int retry(const Arguments& arguments, World& world) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    ExitCode code = ExitCode::ok;
    for (const std::string& id : arguments.values("ID")) {
      const auto reply = retry_one(client, id);
      if (!reply && !is_about_one(reply.error())) return std::unexpected(reply.error());
      note(reply ? ExitCode::ok : reply.error().code, code);
      if (arguments.has("--json"))
        world.out << json_of(id, reply) << '\n';
      else if (reply)
        world.out << fmt::format("{}  due now\n", printable(id));
      if (!reply) complain(in_commands(reply.error(), client), world);
    }
    return code;
  });
}

}  // namespace

Command retry_command() {
  return {
      .name = "retry",
      .group = Group::deliveries,
      .help = "Send deliveries again at once",
      .description =
          "Sends at once, also while the endpoint is held or its circuit breaker is open; that of a paused "
          "or "
          "disabled one is refused. While an attempt is under way, or is about to start by an earlier retry, "
          "it "
          "counts as that one and adds none. With --json, one object a line. Goes on when one is refused; "
          "ends "
          "with the code of those that were.",
      .arguments = {{.name = "ID", .help = "Of a delivery: dlv_...", .repeated = true}},
      .options = client_options(),
      .examples = {{"exposee retry dlv_000002kmd5vq0000000000000g", "One more attempt at it"}},
      .run = retry,
  };
}

}  // namespace exposee::cli
