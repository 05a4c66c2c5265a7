// The program: joins the tables of commands, and runs the one that was asked for over the real streams,
// clock, environment and server.
#include <unistd.h>

#include <exception>
#include <iostream>

#include "app/commands/commands.h"
#include "app/commands/setting_flags.h"
#include "app/run/descriptor_limit.h"
#include "app/run/serve.h"
#include "app/run/signals.h"
#include "app/run/standard_streams.h"
#include "app/run/system_doors.h"
#include "app/settings/environment.h"
#include "cli/cli.h"
#include "cli/terminal.h"

namespace exposee::app {
namespace {

int serve_with_descriptors(const Settings& settings, const SettingsReader& read_again, Log& log) {
  if (const auto warning = too_few_descriptors(settings, raise_descriptor_limit())) log.warn(*warning);
  return serve(settings, read_again, log);
}

int run_main(std::vector<std::string> words) {
  open_standard_streams();
  ignore_signals_without_meaning();
  const SystemClock clock;
  const ServerDoors doors{clock, serve_with_descriptors, writer_to_descriptor(STDERR_FILENO),
                          cli::is_terminal(STDERR_FILENO)};
  const auto table = all_commands(doors);
  cli::World world{
      std::cin, std::cout, std::cerr, clock.now(), process_environment(), cli::is_terminal(STDOUT_FILENO),
      {},       table};
  world.configured_server = [&world](const cli::Arguments& arguments) {
    return configured_server(arguments, world);
  };
  try {
    return cli::run_cli(std::move(words), world);
  } catch (const std::exception& error) {
    std::cerr << "exposee: unexpected failure: " << error.what() << '\n';
    return cli::to_int(cli::ExitCode::failed);
  }
}

}  // namespace
}  // namespace exposee::app

int main(int argc, char** argv) {
  return exposee::app::run_main(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
