// "Did you mean ...?": the known word nearest to a mistyped one. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace exposee {

// Least number of inserted, removed, replaced or swapped neighbouring characters that make `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The one of `known` that begins with `word`, else the nearest, the first of equals; empty when even that one
// is too far away to be meant (more than a third of the word, two edits always being near enough for words of
// four characters and more).
std::string nearest(std::string_view word, std::span<const std::string> known);

// " Did you mean 'x'?", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace exposee
