// Completion for fish: one `complete` line for each thing there is.
#include <fmt/format.h>

#include "cli/print/completion.h"

namespace exposee::cli {
namespace {

constexpr std::string_view kHead = R"(# fish completion for exposee. Load it: exposee completion fish | source
# Made by `exposee completion fish` from the table of commands.
complete -c exposee -f
complete -c exposee -s h -l help -d 'Print help'
complete -c exposee -n __fish_use_subcommand -s V -l version -d 'Print the version'
)";

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string value_words(std::string_view value, const Choices& choices) {
  switch (kind_of(value, choices)) {
    case ValueKind::choices:
      return " -x -a " + in_quotes(fmt::format("{}", fmt::join(choices, " ")));
    case ValueKind::file:
      return " -r -F";
    case ValueKind::directory:
      return " -x -a '(__fish_complete_directories)'";
    case ValueKind::any:
      break;
  }
  return " -x";
}

std::string of_command(const Command& command) {
  return fmt::format("complete -c exposee -n '__fish_seen_subcommand_from {}'", command.name);
}

std::string option_line(const Command& command, const Option& option) {
  const std::string letter = option.letter == 0 ? "" : fmt::format(" -s {}", option.letter);
  return fmt::format("{}{} -l {}{} -d {}\n", of_command(command), letter, option.name.substr(2),
                     option.value.empty() ? "" : value_words(option.value, option.choices), in_quotes(option.help));
}

std::string argument_lines(const Command& command) {
  std::string lines;
  for (const Argument& argument : command.arguments) {
    if (kind_of(argument.name, argument.choices) == ValueKind::any) continue;
    lines += fmt::format("{}{} -d {}\n", of_command(command), value_words(argument.name, argument.choices),
                         in_quotes(argument.help));
  }
  return lines;
}

}  // namespace

std::string fish_completion(Table table) {
  std::string text(kHead), names;
  for (const Command& command : table) {
    names += fmt::format("{}{}", names.empty() ? "" : " ", command.name);
    text += fmt::format("complete -c exposee -n __fish_use_subcommand -a {} -d {}\n", command.name,
                        in_quotes(command.help));
    for (const Option& option : command.options) text += option_line(command, option);
    text += argument_lines(command);
  }
  return text + fmt::format("complete -c exposee -n '__fish_seen_subcommand_from help' -a '{}'\n", names);
}

}  // namespace exposee::cli
