#include "cli/cli.h"

#include <cerrno>
#include <system_error>

#include "cli/parse.h"
#include "cli/print/help.h"

namespace exposee::cli {
namespace {

// Output that was not written completely is an error: a full disk, a closed descriptor.
int check_output(int code, World& world) {
  if (world.out.flush()) return code;
  const std::string why = errno == 0 ? "" : ": " + std::generic_category().message(errno);
  world.err << "exposee: Standard output cannot be written" << why << ".\n";
  return code == to_int(ExitCode::ok) ? to_int(ExitCode::failed) : code;
}

int understand_and_run(const std::vector<std::string>& words, World& world) {
  const auto understood = parse(words, world.table);
  if (!understood) return usage_error(understood.error(), world);
  if (understood->wants_help || understood->command == nullptr) {
    world.out << (understood->command ? command_help(*understood->command) : general_help(world.table));
    return to_int(ExitCode::ok);
  }
  return understood->command->run(understood->arguments, world);
}

}  // namespace

int usage_error(std::string_view sentence, World& world) {
  world.err << "exposee: " << sentence << '\n';
  return to_int(ExitCode::usage);
}

int run_cli(std::vector<std::string> words, World& world) {
  errno = 0;
  return check_output(understand_and_run(words, world), world);
}

}  // namespace exposee::cli
