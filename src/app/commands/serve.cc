// exposee serve: the server, until it is stopped.
#include "app/commands/commands.h"
#include "app/commands/setting_flags.h"
#include "cli/terminal.h"

namespace exposee::app {
namespace {

LogOptions log_options(const LogSettings& settings, const ServerDoors& doors, const cli::World& world) {
  LogOptions options{settings.level};
  options.json = settings.format == LogFormat::json ||
                 (settings.format == LogFormat::automatic && !doors.err_is_terminal);
  options.colour = cli::wants_colour(doors.err_is_terminal, world.environment);
  return options;
}

// What reads a server's log must be able to read why there is no server.
int refuse_to_serve(const SettingsFaults& faults, const SettingsSources& sources, const ServerDoors& doors,
                    cli::World& world) {
  const auto options = log_options(log_settings_despite_faults(sources), doors, world);
  Log log(options, world.err, doors.clock);
  for (const std::string& fault : faults) {
    if (options.json)
      log.error(fault);
    else
      cli::usage_error(fault, world);
  }
  return cli::to_int(cli::ExitCode::usage);
}

int serve_until_stopped(const ServerDoors& doors, const cli::Arguments& arguments, cli::World& world) {
  const auto sources = sources_of(arguments, world);
  const auto loaded = load_settings(sources);
  if (!loaded) return refuse_to_serve(loaded.error(), sources, doors, world);
  auto out = doors.log_out ? doors.log_out : writer_to(world.err);
  Log log(log_options(loaded->settings.log, doors, world), std::move(out), doors.clock);
  if (!loaded->config_path.empty())
    log.info("settings read", {{"file", std::string_view(loaded->config_path)}});
  const auto read_again = [&sources]() -> std::expected<Settings, SettingsFaults> {
    auto again = load_settings(sources);
    if (!again) return std::unexpected(std::move(again).error());
    return std::move(again->settings);
  };
  return doors.serve(loaded->settings, read_again, log);
}

}  // namespace

cli::Command serve_command(const ServerDoors& doors) {
  return {
      .name = "serve",
      .group = cli::Group::server,
      .help = "Run the server until SIGTERM or Ctrl-C",
      .options = {config_option(), listen_option(), data_option()},
      .examples = {{"exposee serve", "On http://127.0.0.1:8000, with ./exposee-data"},
                   {"exposee serve --listen 127.0.0.1:8001 --data /var/lib/exposee", "Elsewhere"}},
      .run = [&doors](const cli::Arguments& arguments,
                      cli::World& world) { return serve_until_stopped(doors, arguments, world); },
  };
}

}  // namespace exposee::app
