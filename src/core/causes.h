// Which causes an attempt can end with, and the words of causes and statuses as lists. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "core/delivery.h"

namespace exposee {

// A delivery ends with the others without an attempt.
constexpr bool is_of_attempt(Cause cause) {
  return cause != Cause::backup && cause != Cause::overflow;
}

namespace causes {

template <class Enum, Enum kFirst, Enum kLast>
std::span<const std::string_view> texts() {
  static constexpr auto kFrom = static_cast<std::size_t>(kFirst);
  static const auto all = [] {
    std::array<std::string_view, static_cast<std::size_t>(kLast) - kFrom + 1> words;
    for (std::size_t i = 0; i < words.size(); ++i) words[i] = to_text(static_cast<Enum>(kFrom + i));
    return words;
  }();
  return all;
}

}  // namespace causes

inline std::span<const std::string_view> delivery_status_texts() {
  return causes::texts<DeliveryStatus, DeliveryStatus::pending, kLastDeliveryStatus>();
}
inline std::span<const std::string_view> cause_texts() {  // of all but none
  return causes::texts<Cause, Cause::http, kLastCause>();
}

}  // namespace exposee
