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
      return ExitCode::do_not_restart;
    default:
      return ExitCode::failed;
  }
}

int complain(const Error& error, World& world) {
  world.err << "exposee: " << error.message << (error.hint.empty() ? "" : " ") << error.hint << '\n';
  return to_int(code_of(error.code));
}

std::string counted(std::uint64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string report_text(const BackupOptions& options, const store::BackupReport& report) {
  const auto deliveries = report.pending == 1 ? std::string("1 pending delivery")
                                              : fmt::format("{} pending deliveries", report.pending);
  return fmt::format("Backed up to {}: {}, {}, {} ({:.1f} MiB, schema {}).\n"
                     "To go on from it: exposee serve --data {}\n",
                     options.destination, counted(report.events, "event"), counted(report.endpoints, "endpoint"),
                     deliveries, static_cast<double>(report.bytes) / (1024 * 1024), report.schema,
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

int accept_data_command(const SettingFlags& flags, World& world) {
  const auto loaded = load_or_complain(flags, world);
  if (!loaded) return to_int(ExitCode::usage);
  const auto& path = loaded->settings.storage.path;
  if (const auto accepted = store::accept_without_log(path); !accepted) return complain(accepted.error(), world);
  world.out << "The data in " << path << " counts as whole now; what its log held is lost.\n";
  return to_int(ExitCode::ok);
}

}  // namespace exposee::app
