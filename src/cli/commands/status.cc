// exposee status: whether a server is ready, and which of its endpoints need attention.
#include <fmt/format.h>

#include <array>

#include "cli/client/fields.h"
#include "cli/client/pages.h"
#include "cli/commands/commands.h"
#include "cli/print/columns.h"
#include "json/writer.h"

namespace exposee::cli {
namespace {

constexpr std::size_t kMaxEndpoints = 100'000;  // looked at; more than a server keeps
constexpr std::size_t kMaxShown = 20;           // of those that need attention, for people
constexpr std::array<std::string_view, 5> kStatuses = {"active", "failing", "held", "paused", "disabled"};

struct Trouble {
  std::string id, url, status, reason;
};
struct Status {
  bool ready = false;
  std::string reason;  // why it is not
  std::array<std::size_t, kStatuses.size()> counts{};
  std::size_t endpoints = 0;
  std::vector<Trouble> troubles;
};

std::string reason_of(const JsonElement& endpoint) {
  if (auto why = text_at(endpoint, "disabled_reason"); !why.empty()) return why;
  if (auto since = text_at(endpoint, "failing_since"); !since.empty()) return "since " + short_time(since);
  const auto until = text_at(endpoint, "held_until");
  return until.empty() ? "" : "until " + short_time(until);
}

void count(const JsonElement& endpoint, Status& status) {
  const std::string state = text_at(endpoint, "status");
  ++status.endpoints;
  for (std::size_t i = 0; i < kStatuses.size(); ++i) status.counts[i] += state == kStatuses[i] ? 1 : 0;
  if (state == "active") return;
  status.troubles.push_back({text_at(endpoint, "id"), text_at(endpoint, "url"), state, reason_of(endpoint)});
}

std::expected<Status, Failure> look(const Client& client) {
  Status status;
  const auto ready = client.ask("GET", "/readyz");
  if (!ready) return std::unexpected(ready.error());
  status.ready = ready->status == 200;
  if (!status.ready) {
    status.reason = refusal(*ready).sentence;
    if (ready->status != 503) return std::unexpected(refusal(*ready));
    return status;
  }
  const auto listed = read_pages(client, "/v1/endpoints", {}, kMaxEndpoints,
                                 [&](const JsonElement& endpoint) { count(endpoint, status); });
  if (!listed) return std::unexpected(listed.error());
  return status;
}

std::string as_json(const Status& status, const std::string& url) {
  JsonWriter json;
  json.begin_object().member("url", url).member("ready", status.ready).text_or_null("reason", status.reason);
  json.key("endpoints").begin_object();
  for (std::size_t i = 0; i < kStatuses.size(); ++i) json.member(kStatuses[i], std::uint64_t{status.counts[i]});
  json.end_object().key("attention").begin_array();
  for (const Trouble& trouble : status.troubles) {
    json.begin_object().member("id", trouble.id).member("url", trouble.url).member("status", trouble.status);
    json.text_or_null("reason", trouble.reason).end_object();
  }
  return json.end_array().end_object().take();
}

std::string counts_text(const Status& status) {
  std::string text = fmt::format("{} endpoint{}", status.endpoints, status.endpoints == 1 ? "" : "s");
  for (std::size_t i = 0; i < kStatuses.size(); ++i) {
    if (status.counts[i] > 0) text += fmt::format(" · {} {}", status.counts[i], kStatuses[i]);
  }
  return text;
}

std::string as_text(const Status& status, const std::string& url, bool colour) {
  std::string text = columns({{{url}, {status.ready ? "ready" : "not ready", status.ready ? Colour::green : Colour::red}}}, colour);
  if (!status.ready) return text + status.reason + '\n';
  text += counts_text(status) + '\n';
  std::vector<Row> rows;
  for (const Trouble& trouble : status.troubles) {
    if (rows.size() == kMaxShown) break;
    rows.push_back({{trouble.status, colour_of_status(trouble.status)}, {trouble.id}, {trouble.url}, {trouble.reason}});
  }
  text += columns(rows, colour, 2);
  if (status.troubles.size() > kMaxShown) text += fmt::format("  and {} more\n", status.troubles.size() - kMaxShown);
  return text;
}

int show_status(const Words& words, World& world) {
  return with_client(words, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    const auto status = look(client);
    if (!status) return std::unexpected(status.error());
    const bool json = words.has("--json");
    world.out << (json ? as_json(*status, client.server().url) + '\n'
                       : as_text(*status, client.server().url, coloured(world)));
    if (!json && !status->troubles.empty())
      world.err << "Try: exposee deliveries --status pending --endpoint " << status->troubles.front().id << '\n';
    return status->ready ? ExitCode::ok : ExitCode::failed;
  });
}

}  // namespace

Command status_command() {
  return {
      .name = "status",
      .group = Group::server,
      .help = "Show whether a server is ready, and which endpoints need attention",
      .description = "Ends with 1 when the server is not ready.",
      .options = client_options(),
      .examples = {{"exposee status", "The server of these settings"},
                   {"exposee status --json --url http://127.0.0.1:8000", "Another one, for scripts"}},
      .run = show_status,
  };
}

}  // namespace exposee::cli
