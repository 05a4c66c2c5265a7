// exposee completion SHELL: prints what makes a shell complete exposee's commands and options.
#include "cli/print/completion.h"

#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/world.h"

namespace exposee::cli {
namespace {

int print_completion(const Arguments& arguments, World& world) {
  const std::string shell = arguments.text("SHELL");
  world.out << (shell == "bash"  ? bash_completion(world.table)
                : shell == "zsh" ? zsh_completion(world.table)
                                 : fish_completion(world.table));
  return to_int(ExitCode::ok);
}

}  // namespace

Command completion_command() {
  return {
      .name = "completion",
      .help = "Print completion for a shell",
      .arguments = {{.name = "SHELL", .help = "Which one", .choices = {"bash", "zsh", "fish"}}},
      .examples = {{"exposee completion bash > /etc/bash_completion.d/exposee",
                    "For all users of this machine"},
                   {"exposee completion zsh > \"${fpath[1]}/_exposee\"", "For zsh"},
                   {"exposee completion fish > ~/.config/fish/completions/exposee.fish", "For fish"}},
      .run = print_completion,
  };
}

}  // namespace exposee::cli
