#include "http/grammar.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace exposee::http {
namespace {

constexpr bool is_control(unsigned char c) {
  return (c < 0x20 && c != '\t') || c == 0x7f;
}

// GCC's vectors: one register of bytes on every machine this is built for.
using Bytes16 = std::uint8_t __attribute__((vector_size(16)));
using Words2 = std::uint64_t __attribute__((vector_size(16)));

constexpr std::ptrdiff_t kVector = sizeof(Bytes16);

// Place of the first marked byte in memory's order; `marks` is not zero.
constexpr int first_mark(std::uint64_t marks) {
  constexpr bool kLittle = std::endian::native == std::endian::little;
  return (kLittle ? std::countr_zero(marks) : std::countl_zero(marks)) / 8;
}

// Place of the first control byte among sixteen; kVector when there is none.
std::ptrdiff_t first_control(const char* sixteen) {
  Bytes16 bytes;
  std::memcpy(&bytes, sixteen, sizeof bytes);
  const auto marks = reinterpret_cast<Words2>(((bytes < 0x20) & (bytes != '\t')) | (bytes == 0x7f));
  if (marks[0] != 0) return first_mark(marks[0]);
  return marks[1] != 0 ? 8 + first_mark(marks[1]) : kVector;
}

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kTokenChars = make_token_table();

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

const char* find_control(const char* begin, const char* end) {
  const bool long_enough = end - begin >= kVector;
  while (end - begin >= kVector) {
    const auto at = first_control(begin);
    begin += at;
    if (at != kVector) return begin;
  }
  // The rest together with bytes before it, in which there was none.
  if (long_enough && begin != end) return end - kVector + first_control(end - kVector);
  while (begin != end && !is_control(static_cast<unsigned char>(*begin))) ++begin;
  return begin;
}

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return kTokenChars[c]; });
}

bool is_field_value(std::string_view text) {
  const char* end = text.data() + text.size();
  return find_control(text.data(), end) == end;
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a == b) return true;  // as most send it
  return std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace exposee::http
