// Points and spans of time, and their text. Time is always an argument: the only place that reads a clock is
// behind ports/clock.h. Values only; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/text/fixed_text.h"

namespace exposee {

using Duration = std::chrono::microseconds;
using Instant = std::chrono::sys_time<Duration>;  // microseconds since 1970 in UTC

constexpr std::int64_t to_micros(Instant t) {
  return t.time_since_epoch().count();
}
constexpr Instant from_micros(std::int64_t micros) {
  return Instant{Duration{micros}};
}
constexpr std::int64_t to_unix_seconds(Instant t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

// "2025-05-07T04:03:10.779082+00:00": the contract's form, always six decimals and +00:00.
using IsoChars = FixedText<32>;
IsoChars iso_chars(Instant t);
inline std::string iso_text(Instant t) {
  return iso_chars(t).str();
}

// RFC 3339 text (any offset, 0-9 decimals, 'Z' or '+hh:mm'); nothing when it is not one.
std::optional<Instant> parse_rfc3339(std::string_view text);

// RFC 9110 section 5.6.7 HTTP-date: IMF-fixdate and the two obsolete forms.
std::optional<Instant> parse_http_date(std::string_view text);

// "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate).
std::string http_date(Instant t);

}  // namespace exposee
