// exposee status: whether a server is ready, which of its endpoints need attention, and which deliveries
// fail.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <map>

#include "cli/client/fields.h"
#include "cli/client/pages.h"
#include "cli/client/server.h"
#include "cli/commands/commands.h"
#include "cli/print/columns.h"
#include "core/text/counted.h"
#include "core/time.h"
#include "json/writer.h"

namespace exposee::cli {
namespace {

constexpr std::size_t kMaxEndpoints = 100'000;  // looked at; as many as a server keeps
constexpr std::size_t kMaxShown = 20;           // of those that need attention, for people
constexpr std::array<std::string_view, 5> kStatuses = {"active", "failing", "held", "paused", "disabled"};

constexpr std::size_t kMaxDeliveries = 1'000;  // of each kind looked at, newest first
constexpr std::chrono::hours kLately{1};       // since when what was given up is shown

// What became of an endpoint's deliveries.
struct Failures {
  std::size_t retrying = 0;   // failed, and to be tried again
  std::size_t exhausted = 0;  // given up lately
  std::string last;           // "http 500" of the newest
};
using FailuresByEndpoint = std::map<std::string, Failures, std::less<>>;

struct Trouble {
  std::string id, url, status, breaker, reason;
  Failures failures;
};
struct Status {
  bool ready = false;
  std::string reason;  // why it is not
  std::array<std::size_t, kStatuses.size()> counts{};
  std::size_t endpoints = 0;
  std::size_t open_breakers = 0;  // of endpoints, whatever their status
  Failures failures;     // of all endpoints
  bool all_told = true;  // there are no more failed deliveries than those that were looked at
  std::vector<Trouble> troubles;
};

std::string reason_of(const JsonElement& endpoint) {
  if (auto why = text_at(endpoint, "disabled_reason"); !why.empty()) return why;
  if (auto since = text_at(endpoint, "failing_since"); !since.empty()) return "since " + short_time(since);
  const auto until = text_at(endpoint, "held_until");
  return until.empty() ? "" : "until " + short_time(until);
}

// Until a probe has shown that the receiver is back.
bool is_open(std::string_view breaker) {
  return breaker == "open" || breaker == "half_open";
}

// The server calls an endpoint failing once that has lasted for some minutes; before, its breaker and its
// deliveries show it.
void count(const JsonElement& endpoint, const FailuresByEndpoint& failures, Status& status) {
  const std::string state = text_at(endpoint, "status"), id = text_at(endpoint, "id"),
                    breaker = text_at(endpoint, "breaker");
  ++status.endpoints;
  for (std::size_t i = 0; i < kStatuses.size(); ++i) status.counts[i] += state == kStatuses[i] ? 1 : 0;
  const auto found = failures.find(id);
  const bool breaks = is_open(breaker);
  status.open_breakers += breaks ? 1 : 0;
  if (state == "active" && !breaks && found == failures.end()) return;
  status.troubles.push_back({id, text_at(endpoint, "url"), state, breaker, reason_of(endpoint),
                             found == failures.end() ? Failures{} : found->second});
}

std::string cause_text(const JsonElement& delivery) {
  const std::string cause = text_at(delivery, "cause"), code = text_at(delivery, "status_code");
  return code.empty() ? cause : fmt::format("{} {}", cause, code);
}

// Adds the failed ones of these deliveries to `failures`; false: there may be more.
std::expected<bool, Failure> look_at(const Client& client, const std::string& target,
                                     std::size_t Failures::* member, FailuresByEndpoint& failures) {
  const auto listed = read_pages(client, target, {}, kMaxDeliveries, [&](const JsonElement& delivery) {
    if (text_at(delivery, "cause").empty()) return;  // waits for its first attempt
    Failures& of_endpoint = failures[text_at(delivery, "endpoint_id")];
    ++(of_endpoint.*member);
    if (of_endpoint.last.empty()) of_endpoint.last = cause_text(delivery);
  });
  if (!listed) return std::unexpected(listed.error());
  return listed->next_cursor.empty();
}

std::expected<FailuresByEndpoint, Failure> look_at_deliveries(const Client& client, Instant now,
                                                              Status& status) {
  FailuresByEndpoint failures;
  std::string given_up = "/v1/deliveries?status=exhausted";
  add_query(given_up, "since", iso_text(now - kLately));
  const std::pair<std::string, std::size_t Failures::*> lists[] = {
      {"/v1/deliveries?status=pending", &Failures::retrying}, {given_up, &Failures::exhausted}};
  for (const auto& [target, member] : lists) {
    const auto all = look_at(client, target, member, failures);
    if (!all) return std::unexpected(all.error());
    status.all_told = status.all_told && *all;
  }
  for (const auto& [id, of_endpoint] : failures) {
    status.failures.retrying += of_endpoint.retrying;
    status.failures.exhausted += of_endpoint.exhausted;
  }
  return failures;
}

std::expected<Status, Failure> look(const Client& client, Instant now) {
  Status status;
  const auto ready = client.ask("GET", "/readyz");
  if (!ready) return std::unexpected(ready.error());
  status.ready = ready->status == 200;
  if (!status.ready) {
    status.reason = refusal(*ready).sentence;
    if (ready->status != 503) return std::unexpected(refusal(*ready));
    return status;
  }
  const auto failures = look_at_deliveries(client, now, status);
  if (!failures) return std::unexpected(failures.error());
  const auto listed = read_pages(client, "/v1/endpoints", {}, kMaxEndpoints,
                                 [&](const JsonElement& endpoint) { count(endpoint, *failures, status); });
  if (!listed) return std::unexpected(listed.error());
  return status;
}

std::string as_json(const Status& status, const std::string& url) {
  JsonWriter json;
  json.begin_object().member("url", url).member("ready", status.ready).text_or_null("reason", status.reason);
  json.key("endpoints").begin_object();
  for (std::size_t i = 0; i < kStatuses.size(); ++i) json.member(kStatuses[i], std::uint64_t{status.counts[i]});
  json.end_object().member("circuit_breakers_open", std::uint64_t{status.open_breakers});
  json.key("deliveries").begin_object();
  json.member("retrying", std::uint64_t{status.failures.retrying});
  json.member("exhausted_last_hour", std::uint64_t{status.failures.exhausted})
      .member("all_counted", status.all_told);
  json.end_object().key("attention").begin_array();
  for (const Trouble& trouble : status.troubles) {
    json.begin_object().member("id", trouble.id).member("url", trouble.url).member("status", trouble.status);
    json.text_or_null("reason", trouble.reason).text_or_null("breaker", trouble.breaker);
    json.member("retrying", std::uint64_t{trouble.failures.retrying});
    json.member("exhausted_last_hour", std::uint64_t{trouble.failures.exhausted});
    json.text_or_null("last_failure", trouble.failures.last).end_object();
  }
  return json.end_array().end_object().take();
}

std::string counts_text(const Status& status) {
  std::string text = counted(status.endpoints, "endpoint", "endpoints");
  for (std::size_t i = 0; i < kStatuses.size(); ++i) {
    if (status.counts[i] > 0) text += fmt::format(" · {} {}", status.counts[i], kStatuses[i]);
  }
  if (status.open_breakers > 0) {
    text += fmt::format(" · {} open", counted(status.open_breakers, "circuit breaker", "circuit breakers"));
  }
  return text;
}

// "3 retrying · 1 exhausted within the hour"
std::string failures_text(const Failures& failures) {
  std::string text;
  if (failures.retrying > 0) text = fmt::format("{} retrying", failures.retrying);
  if (failures.exhausted == 0) return text;
  return fmt::format("{}{}{} exhausted within the hour", text, text.empty() ? "" : " · ", failures.exhausted);
}

std::string deliveries_text(const Status& status) {
  const std::string text = failures_text(status.failures);
  return text.empty() ? "" : fmt::format("deliveries: {}{}\n", status.all_told ? "" : "at least ", text);
}

std::string why(const Trouble& trouble) {
  std::string text = trouble.reason;
  const auto add = [&](const std::string& more) {
    text += (text.empty() || more.empty() ? "" : " · ") + more;
  };
  if (is_open(trouble.breaker)) add("circuit breaker open");
  add(failures_text(trouble.failures));
  if (!trouble.failures.last.empty()) text += fmt::format(" ({})", trouble.failures.last);
  return text;
}

std::string as_text(const Status& status, const std::string& url, bool colour) {
  std::string text = columns({{{url}, {status.ready ? "ready" : "not ready", status.ready ? Colour::green : Colour::red}}}, colour);
  if (!status.ready) return text + status.reason + '\n';
  text += counts_text(status) + '\n' + deliveries_text(status);
  std::vector<Row> rows;
  for (const Trouble& trouble : status.troubles) {
    if (rows.size() == kMaxShown) break;
    rows.push_back(
        {{trouble.status, colour_of_status(trouble.status)}, {trouble.id}, {trouble.url}, {why(trouble)}});
  }
  text += columns(rows, colour, 2);
  if (status.troubles.size() > kMaxShown) text += fmt::format("  and {} more\n", status.troubles.size() - kMaxShown);
  return text;
}

std::string next_step(const Trouble& trouble) {
  const bool given_up = trouble.failures.retrying == 0 && trouble.failures.exhausted > 0;
  return fmt::format("Try: exposee deliveries --status {} --endpoint {}\n",
                     given_up ? "exhausted" : "pending", trouble.id);
}

int show_status(const Words& words, World& world) {
  return with_client(words, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    const auto status = look(client, world.now);
    if (!status) return std::unexpected(status.error());
    const bool json = words.has("--json");
    world.out << (json ? as_json(*status, client.server().url) + '\n'
                       : as_text(*status, client.server().url, coloured(world)));
    if (!json && !status->troubles.empty()) world.err << next_step(status->troubles.front());
    return status->ready ? ExitCode::ok : ExitCode::failed;
  });
}

}  // namespace

Command status_command() {
  return {
      .name = "status",
      .group = Group::server,
      .help = "Show whether a server is ready, and which endpoints need attention",
      .description =
          "Counts the endpoints by status, and open circuit breakers. Then the endpoints that are not active, "
          "whose circuit breaker is open, or whose deliveries fail: those that are being retried, and those "
          "that were given up within the last hour. Ends with 1 when the server is not ready.",
      .options = client_options(),
      .examples = {{"exposee status", "The server of these settings"},
                   {"exposee status --json --url http://127.0.0.1:8000", "Another one, for scripts"}},
      .run = show_status,
  };
}

}  // namespace exposee::cli
