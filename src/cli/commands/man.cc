// exposee man: prints the manual page.
#include "cli/print/man.h"

#include "cli/commands/commands.h"
#include "cli/world.h"

namespace exposee::cli {
namespace {

int print_man(const Arguments&, World& world) {
  world.out << man_page(world.table, EXPOSEE_VERSION);
  return to_int(ExitCode::ok);
}

}  // namespace

Command man_command() {
  return {
      .name = "man",
      .help = "Print the manual page (roff)",
      .examples = {{"exposee man | man -l -", "Read it"},
                   {"exposee man > /usr/local/share/man/man1/exposee.1", "Install it"}},
      .run = print_man,
  };
}

}  // namespace exposee::cli
