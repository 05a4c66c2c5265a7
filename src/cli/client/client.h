// What the commands that ask a running server have in common: their options, the call, and how a refusal
// becomes a sentence and an exit code. One client a command; the calling thread waits.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "cli/client/failure.h"
#include "cli/client/http.h"
#include "cli/print/api_calls.h"
#include "cli/world.h"

namespace exposee::cli {

// The longest list that a server gives, GET /webhooks, holds 64 MiB of URLs; its JSON is a little longer.
constexpr std::size_t kMaxReplyBytes = std::size_t{96} << 20;
constexpr std::chrono::minutes kLongestTimeout{10};

// --url, --config, --timeout, --ca-file and --json, after the command's own options. `timeout`: the usual
// one.
std::vector<Option> client_options(std::vector<Option> own = {}, std::string_view timeout = "30s");

// The value of --timeout; the error is for usage.
std::expected<std::chrono::milliseconds, std::string> read_timeout(const Arguments& arguments,
                                                                   std::chrono::milliseconds longest);

class Client {
 public:
  // `arguments`: of the command that asks; they outlive it.
  Client(ServerAddress server, HttpCall form, const Arguments& arguments)
      : server_(std::move(server)), form_(std::move(form)), arguments_(arguments) {}

  const ServerAddress& server() const { return server_; }
  // Any reply, whatever its status.
  std::expected<HttpReply, Failure> ask(std::string_view method, std::string_view target,
                                        std::string body = {}, std::string_view idempotency_key = {}) const;
  // A reply of success; others are Failures with the server's own words.
  std::expected<HttpReply, Failure> call(std::string_view method, std::string_view target,
                                         std::string body = {}, std::string_view idempotency_key = {}) const;
  // The failure that a reply other than 2xx is: the server's sentence, hint and faults in words of the
  // command.
  Failure refusal(const HttpReply& reply) const;
  Typed typed() const;  // what calls that hints name are made of

 private:
  ServerAddress server_;
  HttpCall form_;
  const Arguments& arguments_;
};

// Its hint with commands instead of calls of the API (cli/print/api_calls.h).
Failure in_commands(Failure failure, const Client& client);

// "exposee: <sentence> <hint>" on `err`.
int complain(const Failure& failure, World& world);

// Finds the server, runs `work` and says what went wrong; the exit code.
using Work = std::function<std::expected<ExitCode, Failure>(const Client&)>;
int with_client(const Arguments& arguments, World& world, const Work& work);

}  // namespace exposee::cli
