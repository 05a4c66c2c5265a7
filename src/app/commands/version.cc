// exposee version: the program's version, and the data schema that it writes.
#include <fmt/format.h>

#include "app/commands/commands.h"
#include "cli/arguments.h"
#include "cli/world.h"
#include "json/line.h"
#include "store/sqlite/migrations.h"

namespace exposee::app {
namespace {

int print_version(const cli::Arguments& arguments, cli::World& world) {
  const auto schema = store::migrations().size();
  if (!arguments.has("--json")) {
    world.out << fmt::format("exposee {} (data schema {})\n", EXPOSEE_VERSION, schema);
    return cli::to_int(cli::ExitCode::ok);
  }
  JsonLine line;
  line.add("name", "exposee");
  line.add("version", EXPOSEE_VERSION);
  line.add("schema", std::uint64_t{schema});
  world.out << std::move(line).finish() << '\n';
  return cli::to_int(cli::ExitCode::ok);
}

}  // namespace

cli::Command version_command(const ServerDoors&) {
  return {
      .name = "version",
      .help = "Print the version",
      .options = {cli::json_option()},
      .examples = {{"exposee version --json", "For scripts"}},
      .run = print_version,
  };
}

}  // namespace exposee::app
