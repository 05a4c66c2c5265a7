#include "app/cli/data_commands.h"

#include <fmt/format.h>

#include "core/time.h"
#include "json/line.h"
#include "store/sqlite/backup.h"

namespace exposee::app {
namespace {

ExitCode code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found:
      return ExitCode::not_found;
    case ErrorCode::conflict:
    case ErrorCode::locked:
      return ExitCode::conflict;
    case ErrorCode::newer_schema:
    case ErrorCode::undecided:
      return ExitCode::do_not_restart;
    default:
      return ExitCode::failed;
  }
}

int complain(const Error& error, World& world) {
  world.err << "exposee: " << error.message << (error.hint.empty() ? "" : " ") << error.hint << '\n';
  return to_int(code_of(error.code));
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

// What stands before a start on the copy.
std::string decision_text(const BackupOptions& options, const store::BackupReport& report) {
  if (report.pending == 0) return {};
  return fmt::format("exposee accept-data --data {} --pending send (or cancel), then ", options.destination);
}

std::string settled_text(const std::string& path, const store::SettledBackup& settled, bool sends) {
  return fmt::format(
      "The data in {}, a backup taken at {}, can be served now. {}: {}.\n", path, iso_text(settled.taken_at),
      counted(settled.pending, "delivery that was pending", "deliveries that were pending"),
      sends ? "to be sent, again where the original has sent it since, with the same webhook-id"
            : "cancelled; each can be retried by hand");
}

std::string report_text(const BackupOptions& options, const store::BackupReport& report) {
  const auto deliveries = counted(report.pending, "pending delivery", "pending deliveries");
  return fmt::format(
      "Backed up to {}: {}, {}, {} ({:.1f} MiB, schema {}).\n"
      "To go on from it: {}exposee serve --data {}\n",
      options.destination, counted(report.events, "event", "events"),
      counted(report.endpoints, "endpoint", "endpoints"), deliveries,
      static_cast<double>(report.bytes) / (1024 * 1024), report.schema, decision_text(options, report),
      options.destination);
}

std::string report_json(const BackupOptions& options, const store::BackupReport& report, Instant taken_at) {
  JsonLine line;
  line.add("directory", options.destination);
  line.add("taken_at", iso_text(taken_at));
  line.add("bytes", report.bytes);
  line.add("schema", std::uint64_t{report.schema});
  line.add("events", report.events);
  line.add("endpoints", report.endpoints);
  line.add("pending_deliveries", report.pending);
  return std::move(line).finish() + '\n';
}

int settle(const std::string& path, bool sends, World& world) {
  const auto choice = sends ? store::PendingOfBackup::send : store::PendingOfBackup::cancel;
  const auto settled = store::settle_backup(path, choice, world.clock.now());
  if (!settled) return complain(settled.error(), world);
  world.out << settled_text(path, *settled, sends);
  return to_int(ExitCode::ok);
}

}  // namespace

int backup_command(const BackupOptions& options, World& world) {
  const auto loaded = load_or_complain(options.flags, world);
  if (!loaded) return to_int(ExitCode::usage);
  const auto now = world.clock.now();
  const auto report = store::back_up(loaded->settings.storage.path, options.destination, now);
  if (!report) return complain(report.error(), world);
  world.out << (options.json ? report_json(options, *report, now) : report_text(options, *report));
  return to_int(ExitCode::ok);
}

int accept_data_command(const AcceptOptions& options, World& world) {
  const auto loaded = load_or_complain(options.flags, world);
  if (!loaded) return to_int(ExitCode::usage);
  const auto& path = loaded->settings.storage.path;
  if (!options.pending.empty()) return settle(path, options.pending == "send", world);
  if (const auto accepted = store::accept_without_log(path); !accepted) return complain(accepted.error(), world);
  world.out << "The data in " << path << " counts as whole now; what its log held is lost.\n";
  return to_int(ExitCode::ok);
}

}  // namespace exposee::app
