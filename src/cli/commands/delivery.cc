// exposee delivery ID: one delivery, its attempts, and what came back.
#include <fmt/format.h>

#include "cli/client/client.h"
#include "cli/client/fields.h"
#include "cli/client/server.h"
#include "cli/commands/commands.h"
#include "cli/print/api_calls.h"
#include "cli/print/columns.h"
#include "cli/print/next_step.h"

namespace exposee::cli {
namespace {

void add_fact(std::vector<Row>& rows, std::string name, std::string value) {
  if (!value.empty()) rows.push_back({{std::move(name), Colour::faint}, {std::move(value)}});
}

std::vector<Row> facts(const JsonElement& delivery, const std::string& server) {
  const std::string status = text_at(delivery, "status");
  std::vector<Row> rows = {{{"Delivery", Colour::faint}, {text_at(delivery, "id")}},
                           {{"Status", Colour::faint}, {status, colour_of_status(status)}}};
  add_fact(rows, "Event", fmt::format("{}  {}", text_at(delivery, "event"), text_at(delivery, "event_id")));
  add_fact(rows, "URL", text_at(delivery, "url"));
  add_fact(rows, "Endpoint", text_at(delivery, "endpoint_id"));
  add_fact(rows, "Created", short_time(text_at(delivery, "created_at")));
  add_fact(rows, "Next", short_time(text_at(delivery, "next_attempt_at")));
  add_fact(rows, "Hint", with_commands(text_at(delivery, "hint"), server));
  return rows;
}

std::string words_of(const JsonElement& attempt) {
  if (auto error = text_at(attempt, "error"); !error.empty()) return error;
  constexpr std::size_t kShownBytes = 200;  // of what the receiver said; --json has all of it
  return truth_at(attempt, "succeeded") ? ""
                                        : printable(text_at(attempt, "response_body").substr(0, kShownBytes));
}

Row attempt_row(const JsonElement& attempt) {
  const bool good = truth_at(attempt, "succeeded");
  const std::string status = text_at(attempt, "status_code");
  const auto millis = attempt["duration_ms"].get_double();
  return {{.text = text_at(attempt, "attempt"), .to_right = true},
          {fmt::format("{} {}", good ? "✓" : "✗", status.empty() ? "---" : status),
           good ? Colour::green : Colour::red},
          {.text = short_duration(millis.error() ? -1 : millis.value_unsafe()), .to_right = true},
          {short_time(text_at(attempt, "started_at"))},
          {words_of(attempt)}};
}

std::string as_text(const JsonElement& delivery, const std::string& server, bool colour) {
  std::vector<Row> attempts;
  each_item(delivery["attempts"],
            [&](const JsonElement& attempt) { attempts.push_back(attempt_row(attempt)); });
  return columns(facts(delivery, server), colour) + columns(attempts, colour, 2);
}

// All that there is to know of it beside the state of its endpoint.
DeliveryState state_of(const JsonElement& delivery) {
  return {.id = text_at(delivery, "id"),
          .endpoint_id = text_at(delivery, "endpoint_id"),
          .status = text_at(delivery, "status"),
          .cause = text_at(delivery, "cause"),
          .retries_by_hand = number_at(delivery, "retries_by_hand")};
}

// Of an endpoint that was removed, or cannot be asked for, nothing is said.
std::string suggestion(const Client& client, DeliveryState state) {
  const auto reply = client.call("GET", "/v1/endpoints/" + encoded(state.endpoint_id));
  const auto endpoint = reply ? read_object(reply->body) : std::nullopt;
  if (!endpoint) return {};
  state.endpoint_status = text_at(*endpoint, "status");
  const auto step = next_step(state);
  return step.empty() ? step : fmt::format("Try: {}\n", step);
}

int show_delivery(const Arguments& arguments, World& world) {
  return with_client(arguments, world, [&](const Client& client) -> std::expected<ExitCode, Failure> {
    const auto reply = client.call("GET", "/v1/deliveries/" + encoded(arguments.text("ID")));
    if (!reply) return std::unexpected(reply.error());
    const auto delivery = expect_reply(reply->body, "id");
    if (!delivery) return std::unexpected(delivery.error());
    world.out << (arguments.has("--json") ? reply->body + '\n'
                                          : as_text(*delivery, client.server().url, coloured(world)));
    if (!arguments.has("--json")) world.err << suggestion(client, state_of(*delivery));
    return ExitCode::ok;
  });
}

}  // namespace

Command delivery_command() {
  return {
      .name = "delivery",
      .group = Group::deliveries,
      .help = "Show a delivery, its last 100 attempts and what came back",
      .arguments = {{.name = "ID", .help = "Of the delivery: dlv_..."}},
      .options = client_options(),
      .examples = {{"exposee delivery dlv_000002kmd5vq0000000000000g", "Why did it not arrive?"}},
      .run = show_delivery,
  };
}

}  // namespace exposee::cli
