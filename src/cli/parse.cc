#include "cli/parse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>

#include "core/text/suggest.h"

namespace exposee::cli {
namespace {

constexpr std::string_view kVersionCommand = "version";  // the command behind --version

// Where CLI11 puts what it finds for one name of a row.
struct Slot {
  std::string_view name;
  std::vector<std::string> values;
  std::string value;
  bool flag = false;
  bool is_flag = false;
  CLI::Option* option = nullptr;

  std::vector<std::string> said() const {
    if (option->count() == 0 || (is_flag && !flag)) return {};  // "--json=false" counts as not said
    if (!values.empty()) return values;
    return {flag ? std::string("true") : value};
  }
};
using Slots = std::deque<Slot>;  // CLI11 keeps references into it

void add_argument(CLI::App& app, const Argument& argument, Slots& slots) {
  Slot& slot = slots.emplace_back(argument.name);
  const std::string name(argument.name);
  slot.option = argument.repeated ? app.add_option(name, slot.values) : app.add_option(name, slot.value);
}

void add_option(CLI::App& app, const Option& option, Slots& slots) {
  Slot& slot = slots.emplace_back(option.name);
  std::string names(option.name);
  if (option.letter != 0) names = fmt::format("-{},{}", option.letter, option.name);
  if (option.value.empty()) {
    slot.option = app.add_flag(names, slot.flag);
    slot.is_flag = true;
  } else if (option.repeated) {
    slot.option = app.add_option(names, slot.values)->allow_extra_args(false);
  } else {
    slot.option = app.add_option(names, slot.value);
  }
}

std::string help_of(const Command* command) {
  return command == nullptr ? "exposee --help" : fmt::format("exposee {} --help", command->name);
}

std::string full_name(const Command* command) {
  return command == nullptr ? "exposee" : fmt::format("exposee {}", command->name);
}

std::vector<std::string> command_names(Table table) {
  std::vector<std::string> names;
  for (const Command& command : table) names.emplace_back(command.name);
  return names;
}

std::vector<std::string> flag_names(const Command* command) {
  if (command == nullptr) return {"--help", "--version"};
  std::vector<std::string> names{"--help"};
  for (const Option& option : command->options) names.emplace_back(option.name);
  return names;
}

std::string complaint_about(const std::string& word, const Command* command, Table table) {
  if (command == nullptr && !word.starts_with('-')) {
    return no_such_command(word, table);
  }
  if (!word.starts_with('-')) {
    return fmt::format("{} takes no argument '{}'.  Try: {}", full_name(command), word, help_of(command));
  }
  const std::string flag = word.substr(0, word.find('='));
  const auto known = flag_names(command);
  if (command != nullptr && std::ranges::find(known, flag) != known.end()) {
    return fmt::format("{} comes after the command: {} {}.  Try: {}", flag, full_name(command), flag,
                       help_of(command));
  }
  return fmt::format("{} has no flag '{}'.{}  Try: {}", full_name(command), flag, did_you_mean(flag, known),
                     help_of(command));
}

std::vector<std::string> texts(const Choices& choices) {
  return {choices.begin(), choices.end()};
}

// What is wrong with the values of one name, in a sentence; empty: nothing.
std::string choice_fault(std::string_view name, const Choices& choices,
                         const std::vector<std::string>& values) {
  if (choices.empty()) return {};
  for (const std::string& value : values) {
    if (std::ranges::find(choices, value) != choices.end()) continue;
    return fmt::format("{} must be one of {}, not '{}'.{}", name, fmt::join(choices, ", "), value,
                       did_you_mean(value, texts(choices)));
  }
  return {};
}

std::string fault_of(const Command& command, const Arguments& arguments) {
  for (const Argument& argument : command.arguments) {
    if (argument.required && !arguments.has(argument.name))
      return fmt::format("{} is missing.", argument.name);
    if (auto fault = choice_fault(argument.name, argument.choices, arguments.values(argument.name));
        !fault.empty())
      return fault;
  }
  for (const Option& option : command.options) {
    if (auto fault = choice_fault(option.name, option.choices, arguments.values(option.name)); !fault.empty())
      return fault;
  }
  return {};
}

// One parser for the program and, below it, the one command that the words may name.
class Parser {
 public:
  explicit Parser(Table table) : table_(table), app_("", "exposee") {
    app_.require_subcommand(0, 1);
    app_.allow_extras();
    app_.add_flag("-V,--version", wants_version_);
    for (const Command& command : table) {
      app_.add_subcommand(std::string(command.name))->allow_extras();
    }
  }

  std::expected<Understood, std::string> read(const std::vector<std::string>& words) {
    const Command* const named = first_command(words);
    if (named != nullptr) add_row(*named);
    std::vector<std::string> backwards(words.rbegin(), words.rend());  // as CLI11 takes them
    bool wants_help = false;
    try {
      app_.parse(backwards);
    } catch (const CLI::CallForHelp&) {
      wants_help = true;
    } catch (const CLI::ArgumentMismatch& error) {
      const std::string_view what = error.what();  // CLI11: "--limit: 1 required TEXT missing"
      const auto name = what.substr(0, what.find(": 1 required"));
      return std::unexpected(
          fmt::format("{}{}  Try: {}", name, name == what ? "" : " needs a value.", help_of(named)));
    } catch (const CLI::ParseError& error) {
      return std::unexpected(fmt::format("{}  Try: {}", error.what(), help_of(named)));
    }
    return understood(wants_help);
  }

 private:
  const Command* first_command(const std::vector<std::string>& words) const {
    const auto first = std::ranges::find_if(words, [](const auto& word) { return !word.starts_with('-'); });
    return first == words.end() ? nullptr : find_command(table_, *first);
  }
  void add_row(const Command& command) {
    CLI::App& app = *app_.get_subcommand(std::string(command.name));
    for (const Argument& argument : command.arguments) add_argument(app, argument, slots_);
    for (const Option& option : command.options) add_option(app, option, slots_);
  }
  const Command* chosen() const {
    const auto apps = app_.get_subcommands();
    return apps.empty() ? nullptr : find_command(table_, apps.front()->get_name());
  }

  std::expected<Understood, std::string> understood(bool wants_help) const {
    const Command* command = chosen();
    auto unknown = app_.remaining(true);
    if (command != nullptr) std::erase(unknown, "--");  // CLI11 keeps it
    if (!unknown.empty() && !wants_help)
      return std::unexpected(complaint_about(unknown.front(), command, table_));
    if (wants_version_ && !wants_help) command = find_command(table_, kVersionCommand);
    if (command == nullptr) return Understood{nullptr, Arguments({}), wants_help};
    Understood result{command, Arguments(*command), wants_help};
    if (wants_help || wants_version_) return result;
    for (const Slot& slot : slots_) result.arguments.say(slot.name, slot.said());
    const std::string fault = fault_of(*command, result.arguments);
    if (!fault.empty()) return std::unexpected(fmt::format("{}  Try: {}", fault, help_of(command)));
    return result;
  }

  Table table_;
  CLI::App app_;
  Slots slots_;
  bool wants_version_ = false;
};

}  // namespace

std::string no_such_command(const std::string& word, Table table) {
  return fmt::format("There is no command '{}'.{}  Try: exposee --help", word,
                     did_you_mean(word, command_names(table)));
}

std::expected<Understood, std::string> parse(const std::vector<std::string>& words, Table table) {
  return Parser(table).read(words);
}

}  // namespace exposee::cli
