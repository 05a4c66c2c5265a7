#include "cli/command.h"

#include <algorithm>

namespace exposee::cli {

std::string_view title_of(Group group) {
  switch (group) {
    case Group::server:
      return "Server";
    case Group::client:
      return "Webhooks and events, of a running server";
    case Group::deliveries:
      return "Deliveries, of a running server";
    case Group::more:
      break;
  }
  return "More";
}

const Command* find_command(Table table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Command::name);
  return found == table.end() ? nullptr : &*found;
}

Option json_option() {
  return {.name = "--json", .help = "As JSON, for scripts"};
}

}  // namespace exposee::cli
