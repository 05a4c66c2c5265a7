// Lines of cells under each other, for people: each column as wide as its widest cell, two blanks between.
// Colours only where they are wanted (cli/terminal.h). Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "cli/world.h"

namespace exposee::cli {

enum class Colour { none, green, red, yellow, faint };

struct Cell {
  std::string text;  // printable: one line, no control characters
  Colour colour = Colour::none;
  bool to_right = false;
};
using Row = std::vector<Cell>;

// `indent`: blanks before each line. Blanks at the end of a line are left out.
std::string columns(const std::vector<Row>& rows, bool coloured, std::size_t indent = 0);

bool coloured(const World& world);  // whether standard output shows colours

// How a delivery's or endpoint's status looks.
Colour colour_of_status(std::string_view status);

// "41 ms", "5.0 s"; empty for less than nothing.
std::string short_duration(double millis);
// "2025-05-07 04:03:10 UTC" of an RFC 3339 text in UTC, which is how the server writes times.
std::string short_time(std::string_view iso);

}  // namespace exposee::cli
