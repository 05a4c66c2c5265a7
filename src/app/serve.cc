#include "app/serve.h"

#include <unistd.h>

#include <iostream>
#include <thread>

#include "app/banner.h"
#include "app/exit_code.h"
#include "app/node.h"
#include "app/signals.h"
#include "app/start_warnings.h"
#include "app/terminal.h"

namespace exposee::app {
namespace {

ExitCode code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::locked:
    case ErrorCode::newer_schema:
      return ExitCode::do_not_restart;
    case ErrorCode::invalid:
      return ExitCode::usage;
    default:
      return ExitCode::failed;
  }
}

int complain(const Error& error, Log& log) {
  const auto sentence = error.hint.empty() ? error.message : error.message + " " + error.hint;
  log.error(sentence);
  return to_int(code_of(error.code));
}

Banner banner_of(const Settings& settings, const Node& node, std::chrono::milliseconds took) {
  Banner banner;
  banner.version = EXPOSEE_VERSION;
  banner.url = node.url();
  banner.data = settings.storage.path;
  banner.store = "SQLite";
  banner.events = node.stored_events();
  banner.loopback_only = settings.listens_on_loopback_only();
  banner.ready_in = took;
  return banner;
}

// Loses nothing and is no failure, but whoever reads the log should know why receivers see a message twice.
void say_left(const Drained& left, Log& log) {
  if (left.connections_cut > 0) {
    log.warn("calls in hand were cut off, for server.drain_timeout_ms was over",
             {{"connections", std::uint64_t{left.connections_cut}}});
  }
  if (left.attempts_given_up > 0) {
    log.warn(
        "attempts under way were given up, for server.drain_timeout_ms was over; they are made again at the "
        "next start",
        {{"attempts", std::uint64_t{left.attempts_given_up}}});
  }
}

void say_stopped(const Node& node, const Drained& left, Log& log) {
  say_left(left, log);
  const auto& totals = node.totals();
  log.info("stopped", {{"complete", left.complete()},
                       {"events", totals.events},
                       {"attempts", totals.attempts},
                       {"commits", totals.commits},
                       {"most_pending", totals.most_pending}});
}

}  // namespace

int serve(const Settings& settings, Log& log) {
  ServeSignals signals;
  log.write_in_background();
  const SystemClock clock;
  const auto began = clock.monotonic();
  for (const auto& warning : start_warnings(settings)) log.warn(warning);
  Node node(settings, log);
  if (auto started = node.start(); !started) return complain(started.error(), log);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - began);
  announce(banner_of(settings, node, took), is_terminal(STDOUT_FILENO), std::cout, log);
  while (signals.wait() == Asked::reload) log.info("SIGHUP: nothing was read again");
  signals.arm_exit();
  log.info("stopping: finishing what is under way; a second signal ends it at once");
  say_stopped(node, node.drain(settings.server.drain_timeout), log);
  return to_int(ExitCode::ok);
}

}  // namespace exposee::app
