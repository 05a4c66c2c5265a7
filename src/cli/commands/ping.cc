// exposee ping [EVENT]: a test POST to every receiver, and what each answered.
#include <fmt/format.h>

#include "cli/client/client.h"
#include "cli/client/fields.h"
#include "cli/client/lookups.h"
#include "cli/client/server.h"
#include "cli/commands/commands.h"
#include "cli/print/columns.h"

namespace exposee::cli {
namespace {

struct Receiver {
  std::string event, url, status, error;
  double millis = -1;  // less than 0: not given
  bool good = false;
};

void add_receivers(const JsonElement& report, std::string_view list, bool good, std::vector<Receiver>& all) {
  each_item(report[list], [&](const JsonElement& entry) {
    const auto millis = entry["duration_ms"].get_double();
    all.push_back({text_at(entry, "event"), text_at(entry, "url"), text_at(entry, "status_code"),
                   text_at(entry, "error"), millis.error() ? -1 : millis.value_unsafe(), good});
  });
}

Row row_of(const Receiver& receiver) {
  const Colour colour = receiver.good ? Colour::green : Colour::red;
  return {{fmt::format("{} {}", receiver.good ? "✓" : "✗", receiver.status.empty() ? "---" : receiver.status),
           colour},
          {.text = short_duration(receiver.millis), .to_right = true},
          {receiver.url},
          {receiver.error}};
}

// Each event with its receivers below it.
std::string as_text(const std::vector<Receiver>& all, bool colour) {
  std::string text;
  std::vector<std::string> events;
  for (const auto& receiver : all) {
    if (std::ranges::find(events, receiver.event) == events.end()) events.push_back(receiver.event);
  }
  for (const std::string& event : events) {
    std::vector<Row> rows;
    for (const auto& receiver : all) {
      if (receiver.event == event) rows.push_back(row_of(receiver));
    }
    text += fmt::format("{} · {} receiver{}\n", event, rows.size(), rows.size() == 1 ? "" : "s");
    text += columns(rows, colour, 2);
  }
  return text;
}

std::string next_step(const std::vector<Receiver>& all, std::size_t failed) {
  if (all.empty()) return "Nothing is registered.  Try: exposee register EVENT URL\n";
  if (failed == 0) return {};
  return fmt::format("{} of {} failed; a ping is not repeated.  Try: exposee endpoints\n", failed,
                     all.size());
}

int ping(const Arguments& arguments, World& world) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    std::string target = "/ping?durations=true";
    add_query(target, "event_filter", arguments.text("EVENT"));
    const auto reply = client.call("POST", target, "{}");
    if (!reply) return std::unexpected(with_meant_event(reply.error(), client, arguments.text("EVENT")));
    const auto report = expect_reply(reply->body, "successful_webhooks");
    if (!report) return std::unexpected(report.error());
    std::vector<Receiver> all;
    add_receivers(*report, "successful_webhooks", true, all);
    const std::size_t good = all.size();
    add_receivers(*report, "failed_webhooks", false, all);
    world.out << (arguments.has("--json") ? reply->body + '\n' : as_text(all, coloured(world)));
    if (!arguments.has("--json")) world.err << next_step(all, all.size() - good);
    return good == all.size() ? ExitCode::ok : ExitCode::failed;
  });
}

}  // namespace

Command ping_command() {
  return {
      .name = "ping",
      .group = Group::client,
      .help = "Send a test POST to every registered URL and show what each replies",
      .description = "Waits for all of them. Ends with 1 when a receiver did not answer 2xx.",
      .arguments = {{.name = "EVENT", .help = "Only those registered for this event", .required = false}},
      .options = client_options({}, "2m"),
      .examples = {{"exposee ping", "All receivers"}, {"exposee ping user_registered", "Those of one event"}},
      .run = ping,
  };
}

}  // namespace exposee::cli
