// exposee help [COMMAND]: the same as exposee [COMMAND] --help.
#include "cli/print/help.h"

#include "cli/commands/commands.h"
#include "cli/parse.h"
#include "cli/world.h"

namespace exposee::cli {
namespace {

int print_help(const Arguments& arguments, World& world) {
  const auto name = arguments.value("COMMAND");
  const Command* const command = name ? find_command(world.table, *name) : nullptr;
  if (name && command == nullptr) return usage_error(no_such_command(*name, world.table), world);
  world.out << (command ? command_help(*command) : general_help(world.table));
  return to_int(ExitCode::ok);
}

}  // namespace

Command help_command() {
  return {
      .name = "help",
      .help = "Print help, or that of one command",
      .arguments = {{.name = "COMMAND", .help = "Which one", .required = false}},
      .examples = {{"exposee help send", "How send is used"}},
      .run = print_help,
  };
}

}  // namespace exposee::cli
