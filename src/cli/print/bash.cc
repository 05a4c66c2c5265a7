// Completion for bash. Needs nothing but bash itself: not the package bash-completion.
#include <fmt/format.h>

#include "cli/print/completion.h"

namespace exposee::cli {
namespace {

constexpr std::string_view kHead = R"(# bash completion for exposee. Load it: source <(exposee completion bash)
# Made by `exposee completion bash` from the table of commands.
_exposee() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= word
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
)";
constexpr std::string_view kTail = R"(}
complete -F _exposee exposee
)";

// The statement that completes one value.
std::string reply(std::string_view value, const Choices& choices) {
  switch (kind_of(value, choices)) {
    case ValueKind::choices:
      return fmt::format("mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\")", fmt::join(choices, " "));
    case ValueKind::file:
      return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";
    case ValueKind::directory:
      return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")";
    case ValueKind::any:
      break;
  }
  return ":";
}

// "serve:--config|serve:-c) ... ;;"
std::string value_case(const Command& command, const Option& option) {
  std::string label = fmt::format("{}:{}", command.name, option.name);
  if (option.letter != 0) label += fmt::format("|{}:-{}", command.name, option.letter);
  return fmt::format("    {}) {}; return ;;\n", label, reply(option.value, option.choices));
}

std::string option_words(const Command& command) {
  std::string words;
  for (const Option& option : command.options) words += fmt::format("{} ", option.name);
  return words + "--help";
}

// What stands where no option is begun: the values of the arguments that can be completed.
std::string argument_reply(const Command& command, Table table) {
  if (command.name == "help") {
    Choices names;
    for (const Command& other : table) names.push_back(other.name);
    return reply({}, names);
  }
  for (const Argument& argument : command.arguments) {
    if (kind_of(argument.name, argument.choices) != ValueKind::any) return reply(argument.name, argument.choices);
  }
  return ":";
}

}  // namespace

std::string bash_completion(Table table) {
  std::string names, values, commands;
  for (const Command& command : table) {
    names += fmt::format("{} ", command.name);
    for (const Option& option : command.options) {
      if (!option.value.empty()) values += value_case(command, option);
    }
    commands += fmt::format("    {}) if [[ $cur == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\"); else {}; fi ;;\n",
                            command.name, option_words(command), argument_reply(command, table));
  }
  return fmt::format("{}  case $command:$prev in\n{}  esac\n  case $command in\n"
                     "    '') mapfile -t COMPREPLY < <(compgen -W '{}--help --version' -- \"$cur\") ;;\n{}  esac\n{}",
                     kHead, values, names, commands, kTail);
}

}  // namespace exposee::cli
