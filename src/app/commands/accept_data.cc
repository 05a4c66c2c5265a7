// exposee accept-data: a backup, or data that is damaged or whose log is lost, may be served.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

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
                     sends
                         ? "to be sent, again where the original has sent it since, with the same webhook-id"
                         : "cancelled; each can be retried by hand");
}

constexpr std::size_t kMostNamed = 20;

std::string pages_text(const std::vector<std::uint64_t>& pages) {
  const auto named = std::min(pages.size(), kMostNamed);
  return fmt::format("{} of its pages had wrong checksums and {} used as {} from now on: {}{}.\n",
                     pages.size(), pages.size() == 1 ? "is" : "are", pages.size() == 1 ? "it is" : "they are",
                     fmt::join(pages.begin(), pages.begin() + static_cast<std::ptrdiff_t>(named), ", "),
                     named < pages.size() ? ", ..." : "");
}

int settle(const std::string& path, bool sends, cli::World& world) {
  const auto choice = sends ? store::PendingOfBackup::send : store::PendingOfBackup::cancel;
  const auto settled = store::settle_backup(path, choice, world.now);
  if (!settled) return complain(settled.error(), world);
  world.out << settled_text(path, *settled, sends);
  return cli::to_int(cli::ExitCode::ok);
}

int accept_data(const cli::Arguments& arguments, cli::World& world) {
  const auto loaded = load_or_complain(arguments, world);
  if (!loaded) return cli::to_int(cli::ExitCode::usage);
  const auto& path = loaded->settings.storage.path;
  if (arguments.has("--pending")) return settle(path, arguments.text("--pending") == "send", world);
  const auto accepted = store::accept_data(path);
  if (!accepted) return complain(accepted.error(), world);
  world.out << "The data in " << path << " counts as whole now.\n";
  if (!accepted->log_lost.empty()) world.out << "Lost part of the log: " << accepted->log_lost << '\n';
  if (!accepted->pages.empty()) world.out << pages_text(accepted->pages);
  return cli::to_int(cli::ExitCode::ok);
}

}  // namespace

cli::Command accept_data_command(const ServerDoors&) {
  return {
      .name = "accept-data",
      .group = cli::Group::server,
      .help = "Accept a backup or damaged data so that it can be served",
      .options = {config_option(),
                  data_option(),
                  {.name = "--pending",
                   .value = "WHAT",
                   .help = "Of a backup: what becomes of the deliveries that were pending when it was taken",
                   .choices = {"send", "cancel"}}},
      .examples = {{"exposee accept-data --data /backup/2025-05-07 --pending cancel", "Go on from a backup"},
                   {"exposee accept-data --data /var/lib/exposee", "Go on without what is lost or damaged"}},
      .run = accept_data,
  };
}

}  // namespace exposee::app
