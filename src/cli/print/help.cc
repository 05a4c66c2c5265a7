#include "cli/print/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/exit_code.h"

namespace exposee::cli {
namespace {

constexpr std::size_t kLabelWidth = 26;   // of the column before the explanations
constexpr std::size_t kLineWidth = 100;

constexpr std::string_view kFooter =
    "\nStart:      exposee serve, then open http://127.0.0.1:8000/docs\n"
    "Settings:   exposee check-config --defaults prints the manual of all settings\n"
    "Manual:     exposee man | man -l -\n";

// "  label   text", the text wrapped and hanging under itself.
std::string row(std::string_view label, std::string_view text) {
  std::string out = fmt::format("  {:<{}}", label, kLabelWidth);
  if (label.size() >= kLabelWidth) out += "\n  " + std::string(kLabelWidth, ' ');
  std::size_t at = kLabelWidth + 2;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (at + word.size() > kLineWidth) {
      out.back() = '\n';
      out += std::string(kLabelWidth + 2, ' ');
      at = kLabelWidth + 2;
    }
    out.append(word).append(" ");
    at += word.size() + 1;
  }
  out.back() = '\n';
  return out;
}

std::string exit_codes() {
  std::string rows;
  for (const auto& [code, meaning] : kExitCodes) rows += row(std::to_string(to_int(code)), meaning);
  return rows;
}

std::string choices_text(const Choices& choices) {
  return choices.empty() ? std::string{} : fmt::format(": {}", fmt::join(choices, ", "));
}

std::string section(std::string_view title, const std::string& rows) {
  return rows.empty() ? std::string{} : fmt::format("\n{}:\n{}", title, rows);
}

}  // namespace

std::string usage_line(const Command& command) {
  std::string line = fmt::format("exposee {}{}", command.name, command.options.empty() ? "" : " [OPTIONS]");
  for (const Argument& argument : command.arguments) {
    const std::string name = fmt::format("{}{}", argument.name, argument.repeated ? "..." : "");
    line += argument.required ? " " + name : fmt::format(" [{}]", name);
  }
  return line;
}

std::string option_label(const Option& option) {
  const std::string letter = option.letter == 0 ? std::string{} : fmt::format("-{}, ", option.letter);
  return fmt::format("{}{}{}{}", letter, option.name, option.value.empty() ? "" : " ", option.value);
}

std::string option_text(const Option& option) {
  const std::string usual = option.fallback.empty() ? std::string{} : fmt::format(" [{}]", option.fallback);
  return fmt::format("{}{}{}", option.help, choices_text(option.choices), usual);
}

std::string argument_text(const Argument& argument) {
  return fmt::format("{}{}", argument.help, choices_text(argument.choices));
}

std::string command_help(const Command& command) {
  std::string arguments, options, examples;
  for (const auto& argument : command.arguments) arguments += row(argument.name, argument_text(argument));
  for (const auto& option : command.options) options += row(option_label(option), option_text(option));
  options += row("-h, --help", "Print this help");
  for (const auto& [line, what] : command.examples) examples += fmt::format("  {}\n      {}\n", line, what);
  std::string text = fmt::format("{}.\n", command.help);
  if (!command.description.empty()) text += fmt::format("\n{}\n", command.description);
  text += fmt::format("\nUsage: {}\n", usage_line(command));
  return text + section("Arguments", arguments) + section("Options", options) + section("Examples", examples);
}

std::string general_help(Table table) {
  std::string text = fmt::format("{}\n\nUsage: exposee COMMAND [OPTIONS]\n", kProgramHelp);
  for (const Group group : kGroups) {
    std::string rows;
    for (const Command& command : table) {
      if (command.group == group) rows += row(command.name, command.help);
    }
    text += section(title_of(group), rows);
  }
  text += section("Options", row("-h, --help", "Print this help, or that of the command before it") +
                                 row("-V, --version", "Print the version"));
  return text + section("Exit codes", exit_codes()) + std::string(kFooter);
}

}  // namespace exposee::cli
