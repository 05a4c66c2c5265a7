// Spans of time as people write them: a whole number and a unit, "250ms", "5s", "30m", "2h". Pure; any
// thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace exposee {

constexpr std::chrono::hours kLongestDuration{24 * 365};

// Units ms, s, m, h. Nothing when it is not such a text or longer than kLongestDuration.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// In the largest unit that needs no fraction: 300 s is "5m", 90 s is "90s".
std::string duration_text(std::chrono::milliseconds span);

}  // namespace exposee
