// exposee status: whether a server is ready, which of its endpoints need attention, and which deliveries
// fail.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>

#include "cli/client/fields.h"
#include "cli/client/pages.h"
#include "cli/client/server.h"
#include "cli/commands/commands.h"
#include "cli/print/columns.h"
#include "cli/print/next_step.h"
#include "core/causes.h"
#include "core/retry_schedule.h"
#include "core/text/counted.h"
#include "core/time.h"
#include "json/writer.h"

namespace exposee::cli {
namespace {

constexpr std::size_t kMaxEndpoints = 100'000;  // looked at; as many as a server keeps
constexpr std::size_t kMaxShown = 20;           // of those that need attention, for people
constexpr std::array<std::string_view, 5> kStatuses = {"active", "failing", "held", "paused", "disabled"};

constexpr std::size_t kMaxDeliveries = 1'000;  // of each kind and cause looked at, newest first
constexpr std::chrono::hours kLately{1};       // since when what was given up is shown

// A number of deliveries; `more`: there are more than were looked at.
struct Count {
  std::size_t seen = 0;
  bool more = false;
};
// What became of an endpoint's deliveries.
struct Failures {
  Count retrying;    // failed, and to be tried again
  Count exhausted;   // given up lately
  std::string last;  // "http 500" of the newest
  std::string last_at;
};
using FailuresByEndpoint = std::map<std::string, Failures, std::less<>>;

struct Trouble {
  std::string id, url, status, breaker, reason;
  std::uint64_t pending = 0;
  Failures failures;
};
struct Status {
  bool ready = false;
  std::string reason;  // why it is not
  std::string unread;  // why the figures could not be read; empty: they are below
  std::array<std::size_t, kStatuses.size()> counts{};
  std::size_t endpoints = 0;
  std::size_t open_breakers = 0;  // of endpoints, whatever their status
  Failures failures;              // of all endpoints
  std::vector<Trouble> troubles;  // what needs attention most comes first

  bool all_counted() const { return unread.empty() && !failures.retrying.more && !failures.exhausted.more; }
};

std::string reason_of(const JsonElement& endpoint) {
  if (auto why = text_at(endpoint, "disabled_reason"); !why.empty()) return why;
  const auto since = text_at(endpoint, "failing_since"), until = text_at(endpoint, "held_until");
  const std::string failing = since.empty() ? "" : "failing since " + short_time(since);
  const std::string held = until.empty() ? "" : "held until " + short_time(until);
  return failing + (failing.empty() || held.empty() ? "" : " · ") + held;
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
                             static_cast<std::uint64_t>(number_at(endpoint, "pending")),
                             found == failures.end() ? Failures{} : found->second});
}

std::string cause_text(const JsonElement& delivery) {
  const std::string cause = text_at(delivery, "cause"), code = text_at(delivery, "status_code");
  return code.empty() ? cause : fmt::format("{} {}", cause, code);
}

// When it was given up: with its last attempt, or without one as soon as it was made.
bool is_of_late(const JsonElement& delivery, const std::string& since) {
  const auto last = text_at(delivery, "last_attempt_at");
  return (last.empty() ? std::string(text_at(delivery, "created_at")) : std::string(last)) >= since;
}

void note(const JsonElement& delivery, Failures& failures) {
  const std::string at(text_at(delivery, "last_attempt_at"));
  if (!failures.last.empty() && at <= failures.last_at) return;
  failures.last = cause_text(delivery);
  failures.last_at = at;
}

// Which deliveries are counted: of a status, failed for some cause. A list by cause has none of those,
// perhaps millions, that wait for their first attempt.
struct Kind {
  std::string_view status;
  Count Failures::* member;
  std::string since;           // last attempted not before that; empty: whenever
  std::string accepted_since;  // no longer schedule than the longest; empty: whenever
};

// Adds those that failed for `cause`.
std::expected<void, Failure> look_at(const Client& client, const Kind& kind, std::string_view cause,
                                     FailuresByEndpoint& failures) {
  std::string target = fmt::format("/v1/deliveries?status={}&cause={}", kind.status, cause);
  if (!kind.accepted_since.empty()) add_query(target, "since", kind.accepted_since);
  std::set<std::string> seen;
  const auto listed = read_pages(client, target, {}, kMaxDeliveries, [&](const JsonElement& delivery) {
    if (!kind.since.empty() && !is_of_late(delivery, kind.since)) return;
    const std::string id(text_at(delivery, "endpoint_id"));
    Failures& of_endpoint = failures[id];
    ++(of_endpoint.*kind.member).seen;
    note(delivery, of_endpoint);
    seen.insert(id);
  });
  if (!listed) return std::unexpected(listed.error());
  if (listed->next_cursor.empty()) return {};
  for (const auto& id : seen) (failures[id].*kind.member).more = true;
  return {};
}

void add(const Count& more, Count& all) {
  all.seen += more.seen;
  all.more = all.more || more.more;
}

std::expected<FailuresByEndpoint, Failure> look_at_deliveries(const Client& client, Instant now,
                                                              Status& status) {
  FailuresByEndpoint failures;
  const Kind kinds[] = {
      {"pending", &Failures::retrying, "", ""},
      {"exhausted", &Failures::exhausted, iso_text(now - kLately), iso_text(now - kLately - kMaxHorizon)}};
  for (const auto& kind : kinds) {
    for (const auto cause : cause_texts()) {
      if (const auto done = look_at(client, kind, cause, failures); !done) {
        return std::unexpected(done.error());
      }
    }
  }
  for (const auto& [id, of_endpoint] : failures) {
    add(of_endpoint.retrying, status.failures.retrying);
    add(of_endpoint.exhausted, status.failures.exhausted);
  }
  return failures;
}

// What fails comes first, what was paused on purpose last.
int urgency(const Trouble& trouble) {
  const bool fails =
      trouble.failures.retrying.seen + trouble.failures.exhausted.seen > 0 || is_open(trouble.breaker);
  if (trouble.status == "failing" || fails) return 0;
  return trouble.status == "paused" ? 2 : 1;
}

std::expected<void, Failure> look_at_all(const Client& client, Instant now, Status& status) {
  const auto failures = look_at_deliveries(client, now, status);
  if (!failures) return std::unexpected(failures.error());
  const auto listed = read_pages(client, "/v1/endpoints", {}, kMaxEndpoints,
                                 [&](const JsonElement& endpoint) { count(endpoint, *failures, status); });
  if (!listed) return std::unexpected(listed.error());
  std::ranges::stable_sort(status.troubles, {}, urgency);
  return {};
}

// A server that is not ready mostly can be read all the same: its disk is nearly full, say.
std::expected<Status, Failure> look(const Client& client, Instant now) {
  Status status;
  const auto ready = client.ask("GET", "/readyz");
  if (!ready) return std::unexpected(ready.error());
  status.ready = ready->status == 200;
  if (!status.ready) status.reason = client.refusal(*ready).sentence;
  if (!status.ready && ready->status != 503) return std::unexpected(client.refusal(*ready));
  const auto looked = look_at_all(client, now, status);
  if (!looked && status.ready) return std::unexpected(looked.error());
  if (!looked) status.unread = looked.error().sentence;
  return status;
}

void write_count(std::string_view name, std::size_t count, const Status& status, JsonWriter& json) {
  status.unread.empty() ? void(json.member(name, std::uint64_t{count})) : void(json.key(name).null());
}

void write_trouble(const Trouble& trouble, JsonWriter& json) {
  json.begin_object().member("id", trouble.id).member("url", trouble.url).member("status", trouble.status);
  json.text_or_null("reason", trouble.reason).text_or_null("breaker", trouble.breaker);
  json.member("pending", trouble.pending).member("retrying", std::uint64_t{trouble.failures.retrying.seen});
  json.member("exhausted_last_hour", std::uint64_t{trouble.failures.exhausted.seen});
  json.text_or_null("last_failure", trouble.failures.last).end_object();
}

// Figures that could not be read are null.
std::string as_json(const Status& status, const std::string& url) {
  JsonWriter json;
  json.begin_object().member("url", url).member("ready", status.ready).text_or_null("reason", status.reason);
  json.key("endpoints").begin_object();
  for (std::size_t i = 0; i < kStatuses.size(); ++i)
    write_count(kStatuses[i], status.counts[i], status, json);
  json.end_object();
  write_count("circuit_breakers_open", status.open_breakers, status, json);
  json.key("deliveries").begin_object();
  write_count("retrying", status.failures.retrying.seen, status, json);
  write_count("exhausted_last_hour", status.failures.exhausted.seen, status, json);
  json.member("all_counted", status.all_counted()).end_object().key("attention").begin_array();
  for (const Trouble& trouble : status.troubles) write_trouble(trouble, json);
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

// "at least 1000 retrying"
std::string count_text(const Count& count, std::string_view what) {
  return fmt::format("{}{} {}", count.more ? "at least " : "", count.seen, what);
}

// "3 retrying · 1 exhausted within the hour"
std::string failures_text(const Failures& failures) {
  std::string text;
  if (failures.retrying.seen > 0) text = count_text(failures.retrying, "retrying");
  if (failures.exhausted.seen == 0) return text;
  return text + (text.empty() ? "" : " · ") + count_text(failures.exhausted, "exhausted within the hour");
}

std::string deliveries_text(const Status& status) {
  const std::string text = failures_text(status.failures);
  return text.empty() ? "" : fmt::format("deliveries: {}\n", text);
}

std::string why(const Trouble& trouble) {
  std::string text = trouble.reason;
  const auto add = [&](const std::string& more) {
    text += (text.empty() || more.empty() ? "" : " · ") + more;
  };
  if (is_open(trouble.breaker)) add("circuit breaker open");
  if (trouble.pending > trouble.failures.retrying.seen) add(fmt::format("{} pending", trouble.pending));
  add(failures_text(trouble.failures));
  if (!trouble.failures.last.empty()) text += fmt::format(" ({})", trouble.failures.last);
  return text;
}

std::string as_text(const Status& status, const std::string& url, bool colour) {
  std::string text = columns(
      {{{url}, {status.ready ? "ready" : "not ready", status.ready ? Colour::green : Colour::red}}}, colour);
  if (!status.ready) text += status.reason + '\n';
  if (!status.unread.empty()) return text;
  text += counts_text(status) + '\n' + deliveries_text(status);
  std::vector<Row> rows;
  for (const Trouble& trouble : status.troubles) {
    if (rows.size() == kMaxShown) break;
    rows.push_back(
        {{trouble.status, colour_of_status(trouble.status)}, {trouble.id}, {trouble.url}, {why(trouble)}});
  }
  text += columns(rows, colour, 2);
  if (status.troubles.size() > kMaxShown)
    text += fmt::format("  and {} more\n", status.troubles.size() - kMaxShown);
  return text;
}

std::string suggestion(const Trouble& trouble) {
  const auto step = next_step(EndpointState{.id = trouble.id,
                                            .status = trouble.status,
                                            .retrying = trouble.failures.retrying.seen > 0,
                                            .exhausted = trouble.failures.exhausted.seen > 0});
  return step.empty() ? step : fmt::format("Try: {}\n", step);
}

int show_status(const Arguments& arguments, World& world) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    const auto status = look(client, world.now);
    if (!status) return std::unexpected(status.error());
    const bool json = arguments.has("--json");
    world.out << (json ? as_json(*status, client.server().url) + '\n'
                       : as_text(*status, client.server().url, coloured(world)));
    if (!json && !status->troubles.empty()) world.err << suggestion(status->troubles.front());
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
          "Counts the endpoints by status, and open circuit breakers. Then the endpoints that are not "
          "active, "
          "whose circuit breaker is open, or whose deliveries fail, those that fail first: with what is "
          "pending, "
          "being retried, and what was given up within the last hour. Ends with 1 when the server is not "
          "ready.",
      .options = client_options(),
      .examples = {{"exposee status", "The server of these settings"},
                   {"exposee status --json --url http://127.0.0.1:8000", "Another one, for scripts"}},
      .run = show_status,
  };
}

}  // namespace exposee::cli
