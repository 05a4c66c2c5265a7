#include "cli/terminal.h"

#include <unistd.h>

namespace exposee::cli {

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1;
}

bool wants_colour(bool terminal, const Environment& environment) {
  const auto no_colour = find_variable(environment, "NO_COLOR");
  if (no_colour && !no_colour->empty()) return false;
  return terminal && find_variable(environment, "TERM") != "dumb";
}

}  // namespace exposee::cli
