#include "cli/commands/endpoint_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "cli/client/fields.h"
#include "cli/client/lookups.h"
#include "cli/client/server.h"
#include "cli/print/next_step.h"

namespace exposee::cli {
namespace {

std::string events_of(const JsonElement& endpoint) {
  std::vector<std::string> events;
  each_item(endpoint["events"], [&](const JsonElement& event) { events.push_back(text_of(event)); });
  return fmt::format("{}", fmt::join(events, " "));
}

std::expected<HttpReply, Failure> make(const Client& client, const EndpointCall& call,
                                       const std::string& named) {
  const auto id = endpoint_id(client, named);
  if (!id) return std::unexpected(id.error());
  return client.call(call.method, fmt::format("/v1/endpoints/{}{}", encoded(*id), call.below),
                     std::string(call.body));
}

// What still keeps it from being sent anything.
std::string what_is_left(const JsonElement& endpoint, bool paused_now) {
  const std::string step =
      next_step(EndpointState{.id = text_at(endpoint, "id"), .status = text_at(endpoint, "status")});
  return step.empty() || paused_now ? std::string{} : fmt::format("Try: {}\n", step);
}

}  // namespace

Row endpoint_row(const JsonElement& endpoint) {
  const std::string status = text_at(endpoint, "status");
  return {{text_at(endpoint, "id")},
          {status, colour_of_status(status)},
          {.text = fmt::format("{} pending", number_at(endpoint, "pending")), .to_right = true},
          {text_at(endpoint, "url")},
          {events_of(endpoint)}};
}

int change_endpoint(const Arguments& arguments, World& world, const EndpointCall& call) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    const auto reply = make(client, call, arguments.text("ENDPOINT"));
    if (!reply) return std::unexpected(reply.error());
    const auto endpoint = expect_reply(reply->body, "status");
    if (!endpoint) return std::unexpected(endpoint.error());
    const bool json = arguments.has("--json");
    world.out << (json ? reply->body + '\n' : columns({endpoint_row(*endpoint)}, coloured(world)));
    if (!json) world.err << what_is_left(*endpoint, call.body.find("true") != call.body.npos);
    return ExitCode::ok;
  });
}

Argument endpoint_argument() {
  return {.name = "ENDPOINT", .help = "Its id, ep_..., or its URL"};
}

}  // namespace exposee::cli
