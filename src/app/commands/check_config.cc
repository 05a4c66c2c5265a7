// exposee check-config: every setting, its value and where it comes from; or the manual of them.
#include "app/commands/commands.h"
#include "app/commands/setting_flags.h"
#include "app/run/start_warnings.h"
#include "app/settings/settings_print.h"
#include "embedded/default_config.h"

namespace exposee::app {
namespace {

int check_config(const cli::Arguments& arguments, cli::World& world) {
  if (arguments.has("--defaults")) {
    world.out << embedded::default_config();
    return cli::to_int(cli::ExitCode::ok);
  }
  const auto loaded = load_or_complain(arguments, world);
  if (!loaded) return cli::to_int(cli::ExitCode::usage);
  world.out << (arguments.has("--json") ? settings_as_json(*loaded) : settings_as_toml(*loaded));
  for (const std::string& warning : start_warnings(loaded->settings))
    world.err << "warning: " << warning << '\n';
  return cli::to_int(cli::ExitCode::ok);
}

}  // namespace

cli::Command check_config_command(const ServerDoors&) {
  return {
      .name = "check-config",
      .group = cli::Group::server,
      .help = "Print every setting, its value and where it comes from",
      .description = "Ends with 2 when a setting is wrong, and says which.",
      .options = {config_option(),
                  listen_option(),
                  data_option(),
                  cli::json_option(),
                  {.name = "--defaults", .help = "Print the default file, the manual of all settings"}},
      .examples = {{"exposee check-config --config /etc/exposee.toml", "What would be in force"},
                   {"exposee check-config --defaults > exposee.toml", "A settings file to begin with"}},
      .run = check_config,
  };
}

}  // namespace exposee::app
