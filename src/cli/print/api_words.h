// What the API says, in the words of the command line: its parameters and members are options and arguments,
// which is what was typed. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "json/read.h"

namespace exposee::cli {

// What the command calls the API's `name`: "--endpoint", "EVENT"; the name itself when it has no such thing.
std::string argument_named(std::string_view name, const Arguments& arguments);

// Of a text, those words of the API that nobody has typed or seen.
std::string in_command_words(std::string text, const Arguments& arguments);

// The sentence of a refusal: the contract's {"detail": "…"} or {"detail": [{"loc", "msg"}]}, or a problem of
// /v1 with its errors [{"pointer", "message"}], which are all that is said then. Empty: it has none.
std::string sentence_of(const JsonElement& body, const Arguments& arguments);

}  // namespace exposee::cli
