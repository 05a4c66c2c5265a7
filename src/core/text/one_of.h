// "a, b or c": what a value may be, in words. Pure; any thread.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>

namespace exposee {

inline std::string one_of(std::span<const std::string_view> words) {
  if (words.empty()) return {};
  const std::string last(words.back());
  const auto others = words.first(words.size() - 1);
  return others.empty() ? last : fmt::format("{} or {}", fmt::join(others, ", "), last);
}

}  // namespace exposee
