#include "core/text/duration_text.h"

#include <charconv>
#include <cstdint>

namespace exposee {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr Unit kUnits[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};  // the largest first

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::uint32_t count = 0;
  const auto [rest, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (fault != std::errc{}) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    const std::chrono::milliseconds span{count * unit.milliseconds};
    if (span > kLongestDuration) return std::nullopt;
    return span;
  }
  return std::nullopt;
}

std::string duration_text(std::chrono::milliseconds span) {
  for (const Unit& unit : kUnits) {
    if (span.count() != 0 && span.count() % unit.milliseconds == 0) {
      return std::to_string(span.count() / unit.milliseconds) + std::string(unit.name);
    }
  }
  return "0s";
}

}  // namespace exposee
