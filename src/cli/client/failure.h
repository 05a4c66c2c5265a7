// Why a command ends without its data. A value.
#pragma once

#include <string>

#include "cli/exit_code.h"

namespace exposee::cli {

struct Failure {
  ExitCode code = ExitCode::failed;
  std::string sentence;   // with its full stop: "Event 'x' not found."
  std::string hint = {};  // the next step; may be empty
};

}  // namespace exposee::cli
