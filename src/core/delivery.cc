#include "core/delivery.h"

#include <array>

#include "core/assert.h"

namespace exposee {
namespace {

// In the order of the enumerations, whose numbers are stored.
constexpr std::array<std::string_view, 5> kStatusTexts = {"pending", "in_flight", "succeeded", "exhausted",
                                                          "cancelled"};
constexpr std::array<std::string_view, 12> kCauseTexts = {"none",         "http",    "timeout", "dns",
                                                          "connect",      "tls",     "blocked", "closed",
                                                          "bad_response", "damaged", "backup", "overflow"};

template <class Enum, std::size_t N>
std::string_view text_of(const std::array<std::string_view, N>& texts, Enum value) {
  const auto at = static_cast<std::size_t>(value);
  EXPOSEE_ASSERT(at < N, "a stored number names a known value");
  return texts[at];
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& texts, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (texts[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(DeliveryStatus status) {
  return text_of(kStatusTexts, status);
}
std::string_view to_text(Cause cause) {
  return text_of(kCauseTexts, cause);
}

std::optional<DeliveryStatus> parse_delivery_status(std::string_view text) {
  return value_of<DeliveryStatus>(kStatusTexts, text);
}
std::optional<Cause> parse_cause(std::string_view text) {
  return value_of<Cause>(kCauseTexts, text);
}

}  // namespace exposee
