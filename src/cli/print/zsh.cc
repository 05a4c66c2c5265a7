// Completion for zsh, by its own _arguments.
#include <fmt/format.h>

#include "cli/print/completion.h"

namespace exposee::cli {
namespace {

constexpr std::string_view kHead = R"(#compdef exposee
# zsh completion for exposee. Save it as _exposee in a folder of $fpath.
# Made by `exposee completion zsh` from the table of commands.
_exposee() {
  local -a commands
)";
constexpr std::string_view kMiddle = R"(  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C '(-h --help)'{-h,--help}'[Print help]' '(-V --version)'{-V,--version}'[Print the version]' \
    '1:command:->command' '*::argument:->arguments'
  case $state in
  command) _describe -t commands 'command' commands ;;
  arguments)
    case $line[1] in
)";
constexpr std::string_view kTail = R"(    esac ;;
  esac
}
if [ "$funcstack[1]" = "_exposee" ]; then _exposee "$@"; else compdef _exposee exposee; fi
)";

// What _arguments reads has a meaning of its own for brackets, colons and backslashes.
std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string action(std::string_view value, const Choices& choices) {
  switch (kind_of(value, choices)) {
    case ValueKind::choices:
      return fmt::format("({})", fmt::join(choices, " "));
    case ValueKind::file:
      return "_files";
    case ValueKind::directory:
      return "_files -/";
    case ValueKind::any:
      break;
  }
  return " ";
}

std::string option_spec(const Option& option) {
  const std::string help = escaped(option.help, "[]:\\");
  const std::string value =
      option.value.empty() ? "" : fmt::format(":{}:{}", escaped(option.value, ":\\"), action(option.value, option.choices));
  const std::string again = option.repeated ? "*" : "";
  std::string specs = shell_quoted(fmt::format("{}{}[{}]{}", again, option.name, help, value));
  if (option.letter != 0) specs += " " + shell_quoted(fmt::format("{}-{}[{}]{}", again, option.letter, help, value));
  return specs;
}

std::string argument_spec(const Command& command, const Argument& argument) {
  const std::string words = command.name == "help" ? "->command" : action(argument.name, argument.choices);
  return shell_quoted(fmt::format("{}:{}:{}", argument.repeated ? "*" : "", argument.name, words));
}

std::string command_case(const Command& command) {
  std::string specs = "'(-h --help)'{-h,--help}'[Print help]'";
  for (const Option& option : command.options) specs += " \\\n        " + option_spec(option);
  for (const Argument& argument : command.arguments) specs += " \\\n        " + argument_spec(command, argument);
  const std::string_view after = command.name == "help" ? "\n        _describe -t commands 'command' commands" : "";
  return fmt::format("    {})\n      _arguments {}{} ;;\n", command.name, specs, after);
}

}  // namespace

std::string zsh_completion(Table table) {
  std::string text(kHead);
  text += "  commands=(\n";
  for (const Command& command : table) {
    text += "    " + shell_quoted(fmt::format("{}:{}", command.name, escaped(command.help, ":\\"))) + "\n";
  }
  text += "  )\n" + std::string(kMiddle);
  for (const Command& command : table) text += command_case(command);
  return text + std::string(kTail);
}

}  // namespace exposee::cli
