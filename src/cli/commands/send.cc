// exposee send EVENT [DATA|-]: publishes an event.
#include <fmt/format.h>

#include <array>

#include "cli/client/client.h"
#include "cli/client/fields.h"
#include "cli/client/lookups.h"
#include "cli/commands/commands.h"
#include "json/writer.h"

namespace exposee::cli {
namespace {

constexpr std::size_t kMaxDataBytes = std::size_t{16} << 20;  // far above any server's limit for an event

std::expected<std::string, Failure> read_all(std::istream& in) {
  std::string text;
  std::array<char, 16 * 1024> buffer;
  while (in.read(buffer.data(), buffer.size()), in.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxDataBytes)
      return std::unexpected(Failure{ExitCode::usage, "Standard input is too long for an event."});
  }
  if (in.bad()) return std::unexpected(Failure{ExitCode::failed, "Standard input cannot be read."});
  return text;
}

// The JSON to be published, byte for byte as it was written.
std::expected<std::string, Failure> read_data(const Arguments& arguments, World& world) {
  std::string text = arguments.has("DATA") ? arguments.text("DATA") : "{}";
  if (text == "-") {
    auto read = read_all(world.in);
    if (!read) return read;
    text = *std::move(read);
  }
  const auto bare = trimmed_json(without_bom(text));
  if (const auto json = read_json(bare); !json) {
    return std::unexpected(Failure{ExitCode::usage, fmt::format("DATA is not valid JSON: {} at character {}.",
                                                                json.error().message, json.error().offset)});
  }
  return std::string(bare);
}

std::string as_text(const JsonElement& accepted) {
  const auto deliveries = number_at(accepted, "deliveries");
  return fmt::format("{}  {}  {} deliver{}\n", text_at(accepted, "id"), text_at(accepted, "event"),
                     deliveries, deliveries == 1 ? "y" : "ies");
}

std::string next_step(const JsonElement& accepted) {
  if (number_at(accepted, "deliveries") == 0)
    return "No endpoint is subscribed to it.  Try: exposee endpoints\n";
  return fmt::format("Try: exposee deliveries --event {}\n", text_at(accepted, "id"));
}

int send_event(const Arguments& arguments, World& world) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    const auto data = read_data(arguments, world);
    if (!data) return std::unexpected(data.error());
    JsonWriter body;
    body.begin_object()
        .member("event", printable(arguments.text("EVENT")))
        .raw_member("data", *data)
        .end_object();
    const auto reply =
        client.call("POST", "/v1/events", body.take(), printable(arguments.text("--idempotency-key")));
    if (!reply) return std::unexpected(with_meant_event(reply.error(), client, arguments.text("EVENT")));
    const auto accepted = expect_reply(reply->body, "id");
    if (!accepted) return std::unexpected(accepted.error());
    world.out << (arguments.has("--json") ? reply->body + '\n' : as_text(*accepted));
    if (!arguments.has("--json")) world.err << next_step(*accepted);
    return ExitCode::ok;
  });
}

}  // namespace

Command send_command() {
  return {
      .name = "send",
      .group = Group::client,
      .help = "Publish an event",
      .description =
          "Ends once the event is on the server's disk. DATA is any JSON; it is sent byte for byte.",
      .arguments = {{.name = "EVENT", .help = "Name of a declared event"},
                    {.name = "DATA",
                     .help = "Its data as JSON; - reads standard input [{}]",
                     .required = false}},
      .options = client_options({{.name = "--idempotency-key",
                                  .value = "KEY",
                                  .help = "The same key again publishes nothing twice"}}),
      .examples = {{"exposee send user_registered '{\"username\":\"alice\"}'", "An event with data"},
                   {"exposee send order.paid -", "The data comes from standard input"}},
      .run = send_event,
  };
}

}  // namespace exposee::cli
