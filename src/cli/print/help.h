// What --help prints, from the table. Plain text without colour; pure; any thread.
#pragma once

#include <string>

#include "cli/command.h"

namespace exposee::cli {

inline constexpr std::string_view kProgramHelp =
    "Exposee: a webhook notification service. One binary, no other server needed.";

std::string general_help(Table table);
std::string command_help(const Command& command);

// "exposee send [OPTIONS] EVENT [DATA]"
std::string usage_line(const Command& command);
// "-c, --config FILE"; without a letter only the name
std::string option_label(const Option& option);
// The option's sentence, with its choices and what holds when it is not given.
std::string option_text(const Option& option);
std::string argument_text(const Argument& argument);

}  // namespace exposee::cli
