// exposee endpoints [ENDPOINT]: who is sent what, how each fares, and how much waits for it.
#include "cli/client/fields.h"
#include "cli/client/lookups.h"
#include "cli/client/pages.h"
#include "cli/client/server.h"
#include "cli/commands/commands.h"
#include "cli/commands/endpoint_commands.h"

namespace exposee::cli {
namespace {

constexpr std::size_t kMostListed = 100'000;  // as many as a server keeps

std::expected<std::string, Failure> one(const Client& client, const std::string& named,
                                        std::vector<Row>& rows) {
  const auto id = endpoint_id(client, named);
  if (!id) return std::unexpected(id.error());
  const auto reply = client.call("GET", "/v1/endpoints/" + encoded(*id));
  if (!reply) return std::unexpected(reply.error());
  const auto endpoint = expect_reply(reply->body, "status");
  if (!endpoint) return std::unexpected(endpoint.error());
  rows.push_back(endpoint_row(*endpoint));
  return reply->body;
}

std::expected<std::string, Failure> all(const Client& client, std::vector<Row>& rows) {
  const auto listing = read_pages(client, "/v1/endpoints", {}, kMostListed, [&](const JsonElement& endpoint) {
    rows.push_back(endpoint_row(endpoint));
  });
  if (!listing) return std::unexpected(listing.error());
  return listing->json();
}

int show_endpoints(const Arguments& arguments, World& world) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    std::vector<Row> rows;
    const auto json =
        arguments.has("ENDPOINT") ? one(client, arguments.text("ENDPOINT"), rows) : all(client, rows);
    if (!json) return std::unexpected(json.error());
    world.out << (arguments.has("--json") ? *json + '\n' : columns(rows, coloured(world)));
    if (rows.empty() && !arguments.has("--json"))
      world.err << "No endpoints.  Try: exposee register EVENT URL\n";
    return ExitCode::ok;
  });
}

}  // namespace

Command endpoints_command() {
  auto endpoint = endpoint_argument();
  endpoint.required = false;
  return {
      .name = "endpoints",
      .group = Group::client,
      .help = "List the endpoints: status, pending deliveries, URL, events",
      .description =
          "Oldest first. Pending are the deliveries that are still owed to it, those in flight included.",
      .arguments = {endpoint},
      .options = client_options(),
      .examples = {{"exposee endpoints", "All of them"},
                   {"exposee endpoints http://127.0.0.1:9000/hook --json", "One of them, for scripts"}},
      .run = show_endpoints,
  };
}

}  // namespace exposee::cli
