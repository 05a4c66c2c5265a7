// exposee accept-data: a backup, or a data file whose log is lost, may be served.
#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/data_error.h"
#include "app/commands/setting_flags.h"
#include "core/time.h"
#include "store/sqlite/backup.h"

namespace exposee::app {
namespace {

std::string settled_text(const std::string& path, const store::SettledBackup& settled, bool sends) {
  const auto pending = settled.pending == 1 ? "delivery that was pending" : "deliveries that were pending";
  return fmt::format("The data in {}, a backup taken at {}, can be served now. {} {}: {}.\n", path,
                     iso_text(settled.taken_at), settled.pending, pending,
                     sends ? "to be sent, again where the original has sent it since, with the same webhook-id"
                           : "cancelled; each can be retried by hand");
}

int settle(const std::string& path, bool sends, cli::World& world) {
  const auto choice = sends ? store::PendingOfBackup::send : store::PendingOfBackup::cancel;
  const auto settled = store::settle_backup(path, choice, world.now);
  if (!settled) return complain(settled.error(), world);
  world.out << settled_text(path, *settled, sends);
  return cli::to_int(cli::ExitCode::ok);
}

int accept_data(const cli::Words& words, cli::World& world) {
  const auto loaded = load_or_complain(words, world);
  if (!loaded) return cli::to_int(cli::ExitCode::usage);
  const auto& path = loaded->settings.storage.path;
  if (words.has("--pending")) return settle(path, words.text("--pending") == "send", world);
  if (const auto accepted = store::accept_without_log(path); !accepted) return complain(accepted.error(), world);
  world.out << "The data in " << path << " counts as whole now; what its log held is lost.\n";
  return cli::to_int(cli::ExitCode::ok);
}

}  // namespace

cli::Command accept_data_command(const ServerDoors&) {
  return {
      .name = "accept-data",
      .group = cli::Group::server,
      .help = "Let a backup, or a data file whose log (-wal) is lost, be served",
      .options = {config_option(), data_option(),
                  {.name = "--pending",
                   .value = "WHAT",
                   .help = "Of a backup: what becomes of the deliveries that were pending when it was taken",
                   .choices = {"send", "cancel"}}},
      .examples = {{"exposee accept-data --data /backup/2025-05-07 --pending cancel", "Go on from a backup"},
                   {"exposee accept-data --data /var/lib/exposee", "Go on without what the log held"}},
      .run = accept_data,
  };
}

}  // namespace exposee::app
