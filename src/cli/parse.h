// From the words of the command line to a command and what was said to it. What is wrong is one sentence that
// names the word, what may have been meant, and where help is. CLI11 takes the words apart; the table says
// which there are. Pure; any thread.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"

namespace exposee::cli {

struct Understood {
  const Command* command = nullptr;  // null: none was named
  Arguments arguments;               // of the command
  bool wants_help = false;
};

// `words`: without the program's name. The error is for usage.
std::expected<Understood, std::string> parse(const std::vector<std::string>& words, Table table);

// "There is no command 'serv'. Did you mean 'serve'?  Try: exposee --help"
std::string no_such_command(const std::string& word, Table table);

}  // namespace exposee::cli
