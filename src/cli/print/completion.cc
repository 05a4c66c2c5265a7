#include "cli/print/completion.h"

namespace exposee::cli {

ValueKind kind_of(std::string_view value, const Choices& choices) {
  if (!choices.empty()) return ValueKind::choices;
  if (value == "FILE") return ValueKind::file;
  return value == "DIR" ? ValueKind::directory : ValueKind::any;
}

std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

}  // namespace exposee::cli
