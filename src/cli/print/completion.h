// Completion for shells, made from the table: commands, their options, and the values of those that have
// choices, files or directories. Pure text; any thread.
#pragma once

#include <string>

#include "cli/command.h"

namespace exposee::cli {

std::string bash_completion(Table table);
std::string zsh_completion(Table table);
std::string fish_completion(Table table);

enum class ValueKind { any, choices, file, directory };
ValueKind kind_of(std::string_view value, const Choices& choices);  // `value`: "FILE", "DIR", ...

// For single quotes of a shell.
std::string shell_quoted(std::string_view text);

}  // namespace exposee::cli
