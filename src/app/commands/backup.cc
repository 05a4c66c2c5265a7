// exposee backup DIR: a copy of the data, while the server runs.
#include "store/sqlite/backup.h"

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/data_error.h"
#include "app/commands/setting_flags.h"
#include "core/text/counted.h"
#include "core/time.h"
#include "json/line.h"

namespace exposee::app {
namespace {

// What stands before a start on the copy.
std::string decision_text(const std::string& destination, const store::BackupReport& report) {
  if (report.pending == 0) return {};
  return fmt::format("  exposee accept-data --data {} --pending send   # or cancel\n", destination);
}

std::string report_text(const std::string& destination, const store::BackupReport& report) {
  return fmt::format(
      "Backed up to {}: {}, {}, {} ({:.1f} MiB, schema {}).\n"
      "To go on from it:\n{}  exposee serve --data {}\n",
      destination, counted(report.events, "event", "events"),
      counted(report.endpoints, "endpoint", "endpoints"),
      counted(report.pending, "pending delivery", "pending deliveries"),
      static_cast<double>(report.bytes) / (1024 * 1024), report.schema, decision_text(destination, report),
      destination);
}

std::string report_json(const std::string& destination, const store::BackupReport& report, Instant taken_at) {
  JsonLine line;
  line.add("directory", destination);
  line.add("taken_at", iso_text(taken_at));
  line.add("bytes", report.bytes);
  line.add("schema", std::uint64_t{report.schema});
  line.add("events", report.events);
  line.add("endpoints", report.endpoints);
  line.add("pending_deliveries", report.pending);
  return std::move(line).finish() + '\n';
}

int back_up(const cli::Arguments& arguments, cli::World& world) {
  const auto loaded = load_or_complain(arguments, world);
  if (!loaded) return cli::to_int(cli::ExitCode::usage);
  const std::string destination = arguments.text("DIR");
  const auto report = store::back_up(loaded->settings.storage.path, destination, world.now);
  if (!report) return complain(report.error(), world);
  world.out << (arguments.has("--json") ? report_json(destination, *report, world.now)
                                        : report_text(destination, *report));
  return cli::to_int(cli::ExitCode::ok);
}

}  // namespace

cli::Command backup_command(const ServerDoors&) {
  return {
      .name = "backup",
      .group = cli::Group::server,
      .help = "Copy the data while the server runs; overwrites nothing",
      .arguments = {{.name = "DIR", .help = "A new directory; 'serve --data' starts from it"}},
      .options = {config_option(), data_option(), cli::json_option()},
      .examples = {{"exposee backup /backup/2025-05-07 --data /var/lib/exposee", "A copy of today"}},
      .run = back_up,
  };
}

}  // namespace exposee::app
