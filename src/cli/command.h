// One row of the table of commands: all that parsing, help, suggestions, shell completions and the manual
// page are made from. A new command is one file in cli/commands (or app/commands) with a function that gives
// its row, and one line in the table that lists it. Texts are literals. Values only; any thread.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace exposee::cli {

class Arguments;
struct World;

// In the order in which help shows them.
enum class Group { server, client, deliveries, more };
inline constexpr Group kGroups[] = {Group::server, Group::client, Group::deliveries, Group::more};
std::string_view title_of(Group group);

using Choices = std::vector<std::string_view>;

struct Argument {
  std::string_view name;  // "EVENT"; FILE and DIR are completed as such
  std::string_view help;
  bool required = true;
  bool repeated = false;  // takes all that follow; only the last
  Choices choices = {};   // all values there are; empty: any
};

struct Option {
  std::string_view name;   // "--json"
  char letter = 0;         // 'c' of "-c"; 0: none
  std::string_view value;  // "FILE"; empty: a flag
  std::string_view help;
  std::string_view fallback = {};  // the value when it is not given; shown by help
  bool repeated = false;
  Choices choices = {};
};

struct Example {
  std::string_view line;  // "exposee ping user_registered": parses, which a test proves
  std::string_view what;
};

struct Command {
  std::string_view name;
  Group group = Group::more;
  std::string_view help;              // one line, no full stop
  std::string_view description = {};  // sentences more
  std::vector<Argument> arguments = {};
  std::vector<Option> options = {};
  std::vector<Example> examples = {};
  std::function<int(const Arguments&, World&)> run;  // gives the exit code; its words have been checked
};

using Table = std::span<const Command>;

const Command* find_command(Table table, std::string_view name);  // null: there is none

// The flag of every command that gives data to scripts.
Option json_option();

}  // namespace exposee::cli
