#include <unistd.h>

#include <exception>
#include <iostream>

#include "app/cli/cli.h"
#include "app/run/descriptor_limit.h"
#include "app/run/serve.h"
#include "app/run/signals.h"
#include "app/run/system_doors.h"
#include "app/terminal.h"

namespace exposee::app {
namespace {

int serve_with_descriptors(const Settings& settings, const SettingsReader& read_again, Log& log) {
  if (const auto warning = too_few_descriptors(settings, raise_descriptor_limit())) log.warn(*warning);
  return serve(settings, read_again, log);
}

}  // namespace

int run_main(int argc, char** argv) {
  ignore_signals_without_meaning();
  const SystemClock clock;
  World world{
      std::cout, std::cerr, clock, process_environment(), is_terminal(STDERR_FILENO), serve_with_descriptors,
              writer_to_descriptor(STDERR_FILENO)};
  try {
    return run_cli(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), world);
  } catch (const std::exception& error) {
    std::cerr << "exposee: unexpected failure: " << error.what() << '\n';
    return to_int(ExitCode::failed);
  }
}

}  // namespace exposee::app
