// All that a command touches outside itself; tests bring their own. Data goes to `out`, messages to `err`.
// Made once for a process; the references outlive the call.
#pragma once

#include <expected>
#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "core/environment.h"
#include "core/time.h"

namespace exposee::cli {

// Where a server is said to be.
struct ServerAddress {
  std::string url;  // "http://127.0.0.1:8000"
  std::string
      origin;  // which file, variable or flag said so: "exposee.toml:3"; empty: as asked, or the default
};
using Faults = std::vector<std::string>;  // sentences, never empty

// The address that the settings listen on, as the command's words (--config and the like) choose them.
using ConfiguredServer = std::function<std::expected<ServerAddress, Faults>(const Arguments&)>;

struct World {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  Instant now;  // when the command began
  Environment environment = {};
  bool out_is_terminal = false;
  ConfiguredServer configured_server = {};
  Table table = {};
};

// "exposee: <sentence>" on `err`, and the exit code of usage.
int usage_error(std::string_view sentence, World& world);

}  // namespace exposee::cli
