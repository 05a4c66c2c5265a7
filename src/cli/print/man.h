// The manual page exposee(1), from the table: groff_man(7) source. Pure text; any thread.
#pragma once

#include <string>

#include "cli/command.h"

namespace exposee::cli {

std::string man_page(Table table, std::string_view version);

}  // namespace exposee::cli
