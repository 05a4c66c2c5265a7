// A text whose length is known when compiling, held in place: nothing is allocated for it. For ids and times,
// of which every event has several. A value; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace exposee {

template <std::size_t N>
struct FixedText {
  std::array<char, N> chars;

  constexpr operator std::string_view() const { return {chars.data(), N}; }
  std::string str() const { return std::string(chars.data(), N); }
};

template <std::size_t N>
constexpr FixedText<N - 1> fixed_text(const char (&literal)[N]) {
  FixedText<N - 1> text{};
  std::string_view(literal).copy(text.chars.data(), N - 1);
  return text;
}

}  // namespace exposee
