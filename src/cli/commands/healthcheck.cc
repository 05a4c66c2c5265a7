// exposee healthcheck: whether a server is alive, for containers and service managers.
#include <fmt/format.h>

#include "cli/client/client.h"
#include "cli/client/server.h"
#include "cli/commands/commands.h"
#include "json/line.h"

namespace exposee::cli {
namespace {

constexpr std::chrono::seconds kLongestWait{60};

struct Health {
  std::string url;
  ExitCode code = ExitCode::ok;
  int status = 0;       // 0: no reply
  std::string problem;  // a sentence without its full stop; empty when healthy
  std::string origin;   // where the address was configured
};

Health judge(const std::expected<HttpReply, HttpError>& reply) {
  Health health;
  if (!reply) {
    const auto failure = reply.error().failure;
    const bool unreachable = failure == HttpFailure::unreachable || failure == HttpFailure::broke_off;
    health.code = unreachable                           ? ExitCode::unreachable
                  : failure == HttpFailure::timed_out   ? ExitCode::timed_out
                  : failure == HttpFailure::bad_ca_file ? ExitCode::usage
                                                        : ExitCode::failed;
    health.problem = reply.error().message;
    return health;
  }
  health.status = reply->status;
  if (reply->status == 200) return health;
  health.code = ExitCode::failed;
  health.problem = fmt::format("it answers {}{}", reply->status,
                               reply->status == 404 ? ": there is no Exposee server at that address" : "");
  return health;
}

std::string as_json(const Health& health) {
  const bool healthy = health.code == ExitCode::ok;
  JsonLine line;
  line.add("url", health.url);
  line.add("healthy", healthy);
  line.add_raw("status", health.status == 0 ? "null" : std::to_string(health.status));
  if (!healthy) line.add("error", health.problem);
  return std::move(line).finish();
}

int report(const Health& health, bool json, World& world) {
  if (json) {
    world.out << as_json(health) << '\n';
  } else if (health.code == ExitCode::ok) {
    world.out << "ok\n";
  } else {
    world.err << fmt::format("exposee: {} is not healthy: {}.\n", health.url, health.problem);
    if (!health.origin.empty())
      world.err << fmt::format("The address is from {}; use --url for another server.\n", health.origin);
  }
  return to_int(health.code);
}

int healthcheck(const Arguments& arguments, World& world) {
  const auto timeout = read_timeout(arguments, kLongestWait);
  if (!timeout) return usage_error(timeout.error(), world);
  const auto server = find_server(arguments, world);
  if (!server) {
    for (const auto& fault : server.error()) usage_error(fault, world);
    return to_int(ExitCode::usage);
  }
  const auto url = url_below(server->url, "/livez");
  if (!url) return usage_error(url.error(), world);
  auto health = judge(http_call({.url = *url, .ca_file = arguments.text("--ca-file"), .timeout = *timeout}));
  health.url = url->text;
  health.origin = server->origin;
  return report(health, arguments.has("--json"), world);
}

}  // namespace

Command healthcheck_command() {
  return {
      .name = "healthcheck",
      .group = Group::server,
      .help = "Ask a running server whether it is alive (GET /livez)",
      .description =
          "Ends with 0 when it is alive, 1 when it answers anything but 200, 3 when it cannot be reached "
          "and 7 when it does not answer in time.",
      .options = client_options({{.name = "--listen",
                                  .letter = 'l',
                                  .value = "ADDRESS:PORT",
                                  .help = "The address that the server was told to listen on",
                                  .repeated = true},
                                 {.name = "--data",
                                  .letter = 'd',
                                  .value = "DIR",
                                  .help = "Accepted, so that the words of serve can be repeated"}},
                                "5s"),
      .examples = {{"exposee healthcheck", "Is the server of these settings alive?"},
                   {"exposee healthcheck --url http://127.0.0.1:8000 --timeout 2s", "Is that one?"}},
      .run = healthcheck,
  };
}

}  // namespace exposee::cli
