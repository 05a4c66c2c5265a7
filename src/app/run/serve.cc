#include "app/run/serve.h"

#include <unistd.h>

#include <iostream>
#include <system_error>
#include <thread>
#include <utility>

#include "app/run/banner.h"
#include "app/run/node.h"
#include "app/run/signals.h"
#include "app/run/start_check.h"
#include "app/run/start_warnings.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "store/sqlite/migrations.h"

namespace exposee::app {
namespace {

cli::ExitCode code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::locked:
    case ErrorCode::newer_schema:
    case ErrorCode::not_found:
    case ErrorCode::undecided:
    case ErrorCode::damaged:
      return cli::ExitCode::do_not_restart;
    case ErrorCode::invalid:
      return cli::ExitCode::usage;
    default:
      return cli::ExitCode::failed;
  }
}

constexpr std::chrono::milliseconds kLockRetry{100};
constexpr std::chrono::milliseconds kFilesCheck{1'000};  // how long acknowledged events may be lost

// The holder of the data directory may be a predecessor that drains.
class PredecessorWait {
 public:
  PredecessorWait(const Settings& settings, ServeSignals& signals, Log& log, const Clock& clock)
      : patience_(settings.server.drain_timeout),
        deadline_(clock.monotonic() + patience_),
        signals_(signals),
        log_(log),
        clock_(clock) {}

  bool again(const std::string& holder) {
    if (clock_.monotonic() >= deadline_) return false;
    if (!std::exchange(said_, true)) {
      log_.info("waiting for the data directory, which another process has in use",
                {{"held_by", std::string_view(holder)}, {"at_most_ms", std::int64_t{patience_.count()}}});
    }
    stopped_ = signals_.stop_within(kLockRetry);
    return !stopped_;
  }
  bool stopped() const { return stopped_; }  // while it waited

 private:
  const std::chrono::milliseconds patience_;
  const Duration deadline_;
  ServeSignals& signals_;
  Log& log_;
  const Clock& clock_;
  bool said_ = false, stopped_ = false;
};

int complain(const Error& error, Log& log) {
  const auto sentence = error.hint.empty() ? error.message : error.message + " " + error.hint;
  log.error(sentence);
  return cli::to_int(code_of(error.code));
}

Banner banner_of(const Settings& settings, const Node& node, std::chrono::milliseconds took) {
  Banner banner;
  banner.version = EXPOSEE_VERSION;
  banner.url = node.url();
  banner.data = settings.storage.path;
  banner.store = "SQLite";
  banner.schema = store::migrations().size();
  banner.most_events = node.most_stored_events();
  banner.listen = node.listen();
  banner.exposure = settings.exposure();
  banner.ready_in = took;
  return banner;
}

// Loses nothing and is not a failure, but the log should say why receivers see a message twice.
void say_left(const Drained& left, Log& log) {
  if (left.connections_cut > 0) {
    log.warn("calls were cut off: server.drain_timeout_ms has passed",
             {{"connections", std::uint64_t{left.connections_cut}}});
  }
  if (left.attempts_given_up > 0) {
    log.warn(
        "attempts under way were given up: server.drain_timeout_ms has passed, or the data cannot be "
        "written; they "
        "are made again at the next start",
        {{"attempts", std::uint64_t{left.attempts_given_up}}});
  }
  if (left.outcomes_unwritten > 0) {
    log.warn(
        "outcomes of attempts could not be written; those attempts are made again at the next start, with the same "
        "webhook-id",
        {{"attempts", std::uint64_t{left.outcomes_unwritten}}});
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

// Says early that a copy of the data is in use.
void say_restored(const store::BackupMark& mark, Log& log) {
  const auto taken_at = iso_text(mark.taken_at);
  log.warn("this data is a backup: what was accepted after it was taken is not in it",
           {{"taken_at", std::string_view(taken_at)}, {"pending", mark.pending}});
}

// Why it cannot go on: what it accepts would be lost.
std::optional<std::string_view> reason_to_end(const Node& node) {
  if (!node.has_its_files()) {
    return "the data files were removed or replaced while the server runs; it ends, because what it accepts "
           "would be "
           "lost. Put them back, or restore a backup.";
  }
  if (node.disk_failed()) {
    return "the disk did not confirm what was written to the data files; the server ends, because only a new "
           "start reads "
           "everything again. Nothing that was acknowledged is lost. Check that disk.";
  }
  return std::nullopt;
}

// Until it is asked to stop. False: it has to end.
bool watch(Node& node, ServeSignals& signals, Settings settings, const SettingsReader& read_again, Log& log) {
  for (;;) {
    const auto asked = signals.wait(kFilesCheck);
    if (asked == Asked::stop) return true;
    if (asked == Asked::reload) reload(read_again, settings, node, log);
    if (const auto why = reason_to_end(node)) {
      log.error(*why);
      return false;
    }
  }
}

int run(const Settings& settings, const SettingsReader& read_again, ServeSignals& signals, Log& log) {
  const SystemClock clock;
  const auto began = clock.monotonic();
  for (const auto& warning : start_warnings(settings)) log.warn(warning);
  PredecessorWait predecessor(settings, signals, log, clock);
  Node node(settings, log, [&](const std::string& holder) { return predecessor.again(holder); });
  if (auto started = node.start(); !started) {
    if (!predecessor.stopped()) return complain(started.error(), log);
    log.info("stopped before it had the data directory");
    return cli::to_int(cli::ExitCode::ok);
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - began);
  announce(banner_of(settings, node, took), cli::is_terminal(STDOUT_FILENO), std::cout, log);
  if (node.restored_from()) say_restored(*node.restored_from(), log);
  const bool whole = watch(node, signals, settings, read_again, log);
  signals.arm_exit();
  log.info("stopping: finishing what is under way; a second signal ends it at once");
  say_stopped(node, node.drain(whole ? settings.server.drain_timeout : std::chrono::milliseconds{0}), log);
  return cli::to_int(whole ? cli::ExitCode::ok : cli::ExitCode::failed);
}

}  // namespace

int serve(const Settings& settings, const SettingsReader& read_again, Log& log) {
  ServeSignals signals;
  if (const auto missing = missing_for_start()) return complain(*missing, log);
  try {
    log.write_in_background();
    return run(settings, read_again, signals, log);
  } catch (const std::system_error& error) {  // what was there a moment ago another process has now
    if (const auto lacking = not_given(error)) return complain(*lacking, log);
    throw;
  }
}

}  // namespace exposee::app
