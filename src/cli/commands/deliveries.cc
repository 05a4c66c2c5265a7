// exposee deliveries: what became of each event at each endpoint, newest first.
#include <fmt/format.h>

#include <charconv>
#include <span>

#include "cli/client/fields.h"
#include "cli/client/lookups.h"
#include "cli/client/pages.h"
#include "cli/client/server.h"
#include "cli/commands/commands.h"
#include "cli/print/columns.h"
#include "core/causes.h"
#include "core/text/duration_text.h"

namespace exposee::cli {
namespace {

constexpr std::size_t kMaxListed = 100'000;

Choices choices_of(std::span<const std::string_view> texts) {
  return {texts.begin(), texts.end()};
}

// "5m" is that long ago; anything else must be a time.
std::expected<std::string, Failure> time_of(const std::string& text, Instant now) {
  if (text.empty() || parse_rfc3339(text)) return text;
  if (const auto span = parse_duration(text)) return iso_text(now - *span);
  return std::unexpected(Failure{
      ExitCode::usage,
      fmt::format("'{}' is neither a duration such as 30m nor a time such as 2025-05-07T04:03:10Z.", text)});
}

std::expected<std::size_t, Failure> limit_of(const std::string& text) {
  std::size_t limit = 0;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, limit);
  if (read.ec == std::errc() && read.ptr == end && limit >= 1 && limit <= kMaxListed) return limit;
  return std::unexpected(
      Failure{ExitCode::usage, fmt::format("--limit must be a number from 1 to {}.", kMaxListed)});
}

// An endpoint may be named by its URL.
std::expected<std::string, Failure> target_of(const Client& client, const Arguments& arguments, Instant now) {
  const auto endpoint = endpoint_id(client, arguments.text("--endpoint"));
  if (!endpoint) return endpoint;
  const auto since = time_of(arguments.text("--since"), now);
  if (!since) return since;
  const auto until = time_of(arguments.text("--until"), now);
  if (!until) return until;
  std::string target = "/v1/deliveries";
  for (const std::string_view name : {"status", "event", "cause"})
    add_query(target, name, arguments.text(fmt::format("--{}", name)));
  add_query(target, "endpoint", *endpoint);
  add_query(target, "since", *since);
  add_query(target, "until", *until);
  return target;
}

// The status of the last reply, or why there was none.
std::string outcome_of(const JsonElement& delivery) {
  const std::string cause = text_at(delivery, "cause"), code = text_at(delivery, "status_code");
  return cause.empty() || cause == "http" ? code : cause;
}

Row row_of(const JsonElement& delivery) {
  const std::string status = text_at(delivery, "status");
  return {{text_at(delivery, "id")},    {status, colour_of_status(status)},
          {outcome_of(delivery)},       {short_time(text_at(delivery, "created_at"))},
          {text_at(delivery, "event")}, {text_at(delivery, "url")}};
}

std::string next_step(const std::vector<Row>& rows, const Listing& listing) {
  if (rows.empty() && listing.next_cursor.empty()) return "No deliveries.\n";
  std::string text;
  if (!listing.next_cursor.empty()) text = fmt::format("There are more: --cursor {}\n", listing.next_cursor);
  const auto failed = std::ranges::find_if(rows, [](const Row& row) { return row[1].text == "exhausted"; });
  if (failed != rows.end()) text += fmt::format("Try: exposee delivery {}\n", failed->front().text);
  return text;
}

int list_deliveries(const Arguments& arguments, World& world) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    const auto target = target_of(client, arguments, world.now);
    if (!target) return std::unexpected(target.error());
    const auto limit = limit_of(arguments.text("--limit"));
    if (!limit) return std::unexpected(limit.error());
    std::vector<Row> rows;
    const auto listing = read_pages(client, *target, arguments.text("--cursor"), *limit,
                                    [&](const JsonElement& delivery) { rows.push_back(row_of(delivery)); });
    if (!listing)
      return std::unexpected(with_meant_event(listing.error(), client, arguments.text("--event")));
    world.out << (arguments.has("--json") ? listing->json() + '\n' : columns(rows, coloured(world)));
    if (!arguments.has("--json")) world.err << next_step(rows, *listing);
    return ExitCode::ok;
  });
}

std::vector<Option> own_options() {
  return {
      {.name = "--status",
       .value = "STATUS",
       .help = "Only these",
       .choices = choices_of(delivery_status_texts())},
      {.name = "--since", .value = "TIME", .help = "Of events since then: 5m ago, or a time (RFC 3339)"},
      {.name = "--until", .value = "TIME", .help = "Of events before then"},
      {.name = "--cause",
       .value = "CAUSE",
       .help = "Why the last attempt failed",
       .choices = choices_of(cause_texts())},
      {.name = "--event", .value = "EVENT", .help = "Of this event, by its id or its type's name"},
      {.name = "--endpoint", .value = "ENDPOINT", .help = "To this endpoint, by its id or its URL"},
      {.name = "--limit", .value = "N", .help = "Not more than these", .fallback = "50"},
      {.name = "--cursor", .value = "CURSOR", .help = "Go on where a list ended"},
  };
}

}  // namespace

Command deliveries_command() {
  return {
      .name = "deliveries",
      .group = Group::deliveries,
      .help = "List deliveries, newest event first",
      .options = client_options(own_options()),
      .examples = {{"exposee deliveries --status exhausted --since 5m", "What was given up lately"},
                   {"exposee deliveries --cause timeout --json", "Slow receivers, for scripts"}},
      .run = list_deliveries,
  };
}

}  // namespace exposee::cli
