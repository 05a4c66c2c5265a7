// Whether a person is watching, and how they want it to look.
#pragma once

#include "core/environment.h"

namespace exposee::cli {

bool is_terminal(int descriptor);

// Colour on a terminal, unless NO_COLOR is set and not empty (no-color.org) or TERM is "dumb". Pure.
bool wants_colour(bool terminal, const Environment& environment);

}  // namespace exposee::cli
