#include "cli/client/client.h"

#include <fmt/format.h>

#include "cli/client/fields.h"
#include "cli/client/server.h"
#include "cli/print/api_calls.h"
#include "cli/print/api_words.h"
#include "core/text/duration_text.h"

namespace exposee::cli {
namespace {

ExitCode code_of(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::unreachable:
    case HttpFailure::broke_off:
      return ExitCode::unreachable;
    case HttpFailure::timed_out:
      return ExitCode::timed_out;
    case HttpFailure::bad_ca_file:
      return ExitCode::usage;
    default:
      return ExitCode::failed;
  }
}

// Codes of the server's statuses; a command may know better.
ExitCode code_of(int status) {
  switch (status) {
    case 400:
    case 413:
    case 422:
      return ExitCode::usage;
    case 401:
    case 403:
    case 407:
      return ExitCode::not_authorised;
    case 404:
    case 410:
      return ExitCode::not_found;
    case 409:
    case 412:
      return ExitCode::conflict;
    case 408:
    case 504:
      return ExitCode::timed_out;
    default:
      return ExitCode::failed;
  }
}

Failure failure_of(const HttpError& error, const ServerAddress& server) {
  Failure failure{code_of(error.failure), fmt::format("{} is not reachable: {}.", server.url, error.message)};
  if (error.failure == HttpFailure::no_library) failure.sentence = error.message + ".";
  if (error.failure == HttpFailure::bad_ca_file)
    failure.sentence = fmt::format("--ca-file: {}.", error.message);
  if (error.failure == HttpFailure::bad_reply)
    failure.sentence = fmt::format("{} does not answer as expected: {}.", server.url, error.message);
  if (error.failure == HttpFailure::broke_off || error.failure == HttpFailure::timed_out) {
    failure.sentence = fmt::format("{} did not answer: {}.", server.url, error.message);
    failure.hint = "What was asked for may have been done all the same.";
  }
  if (error.failure == HttpFailure::timed_out) failure.hint += " --timeout waits longer.";
  if (error.failure != HttpFailure::unreachable) return failure;
  failure.hint = server.origin.empty()
                     ? "Is the server running? (exposee serve) Use --url for another server."
                     : fmt::format("The address is from {}; use --url for another server.", server.origin);
  return failure;
}

constexpr std::string_view kNoSuchCall =
    "Not Found";  // what an Exposee server says of a path that it does not have

// Nobody there has the path that was called: another server, or a path in --url that leads nowhere.
bool is_no_api(const HttpReply& reply, const std::optional<JsonElement>& body) {
  if (reply.status != 404) return false;
  return !body || (text_at(*body, "detail") == kNoSuchCall && text_at(*body, "code").empty());
}

Failure no_api(const ServerAddress& server) {
  Failure failure{ExitCode::not_found,
                  fmt::format("There is no Exposee API at {}: it answers 404.", server.url)};
  const auto url = parse_server_url(server.url);
  failure.hint = "Is this an Exposee server?";
  if (!url || url->target == "/") return failure;
  failure.hint =
      fmt::format("Should the URL be {}://{}? A path belongs to it only when a proxy serves Exposee there.",
                  url->https ? "https" : "http", url->authority);
  return failure;
}

// What to do next. Where all faults are listed, that is all that is said.
std::string hint_of(const JsonElement& body, const Arguments& arguments) {
  std::string hint = body["errors"].error() ? in_command_words(text_at(body, "hint"), arguments) : "";
  if (!hint.empty() && !hint.ends_with('.')) hint += '.';
  return hint;
}

std::expected<Client, Faults> make_client(const Arguments& arguments, const World& world) {
  const auto timeout = read_timeout(arguments, kLongestTimeout);
  if (!timeout) return std::unexpected(Faults{timeout.error()});
  auto server = find_server(arguments, world);
  if (!server) return std::unexpected(server.error());
  if (const auto url = url_below(server->url, "/"); !url) return std::unexpected(Faults{url.error()});
  HttpCall form{
      .ca_file = arguments.text("--ca-file"), .timeout = *timeout, .max_reply_bytes = kMaxReplyBytes};
  return Client(*std::move(server), std::move(form), arguments);
}

}  // namespace

std::vector<Option> client_options(std::vector<Option> own, std::string_view timeout) {
  own.push_back({.name = "--url",
                 .value = "URL",
                 .help = "The server to ask (else EXPOSEE_URL, else the address in the settings)"});
  own.push_back(
      {.name = "--config",
       .letter = 'c',
       .value = "FILE",
       .help = "Settings file that has the address (else EXPOSEE_CONFIG, else ./exposee.toml if there)"});
  own.push_back({.name = "--timeout",
                 .value = "DURATION",
                 .help = "How long to wait for a reply, such as 500ms, 5s or 2m",
                 .fallback = timeout});
  own.push_back({.name = "--ca-file",
                 .value = "FILE",
                 .help = "Trust the certificates in this PEM file instead of the system's"});
  own.push_back(json_option());
  return own;
}

std::expected<std::chrono::milliseconds, std::string> read_timeout(const Arguments& arguments,
                                                                   std::chrono::milliseconds longest) {
  const auto timeout = parse_duration(arguments.text("--timeout"));
  if (timeout && timeout->count() > 0 && *timeout <= longest) return *timeout;
  return std::unexpected(
      fmt::format("--timeout must be a duration of at most {}, such as 5s.", duration_text(longest)));
}

std::expected<HttpReply, Failure> Client::ask(std::string_view method, std::string_view target,
                                              std::string body, std::string_view idempotency_key) const {
  const auto url = url_below(server_.url, target);
  if (!url) return std::unexpected(Failure{ExitCode::usage, url.error()});
  HttpCall call = form_;
  call.method = method;
  call.url = *url;
  call.body = std::move(body);
  call.idempotency_key = idempotency_key;
  auto reply = http_call(call);
  if (!reply) return std::unexpected(failure_of(reply.error(), server_));
  return *std::move(reply);
}

std::expected<HttpReply, Failure> Client::call(std::string_view method, std::string_view target,
                                               std::string body, std::string_view idempotency_key) const {
  auto reply = ask(method, target, std::move(body), idempotency_key);
  if (!reply || (reply->status >= 200 && reply->status < 300)) return reply;
  return std::unexpected(refusal(*reply));
}

Failure Client::refusal(const HttpReply& reply) const {
  const auto body = read_object(reply.body);
  if (is_no_api(reply, body)) return no_api(server_);
  Failure failure{code_of(reply.status), {}};
  if (body) {
    failure.sentence = sentence_of(*body, arguments_);
    failure.hint = hint_of(*body, arguments_);
  }
  if (failure.sentence.empty()) failure.sentence = fmt::format("The server answers {}.", reply.status);
  return failure;
}

Typed Client::typed() const {
  const auto value = [&](std::string_view name) {
    return arguments_.knows(name) ? arguments_.text(name) : std::string{};
  };
  return {value("EVENT"), value("URL")};
}

Failure in_commands(Failure failure, const Client& client) {
  failure.hint = with_commands(failure.hint, client.server().url, client.typed());
  return failure;
}

int complain(const Failure& failure, World& world) {
  world.err << fmt::format("exposee: {}{}{}\n", failure.sentence, failure.hint.empty() ? "" : " ",
                           failure.hint);
  return to_int(failure.code);
}

int with_client(const Arguments& arguments, World& world, const Work& work) {
  const auto client = make_client(arguments, world);
  if (!client) {
    for (const std::string& fault : client.error()) usage_error(fault, world);
    return to_int(ExitCode::usage);
  }
  const auto done = work(*client);
  return done ? to_int(*done) : complain(in_commands(done.error(), *client), world);
}

}  // namespace exposee::cli
