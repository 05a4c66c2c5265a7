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

constexpr std::uint64_t every_byte(std::uint8_t value) {
  return 0x0101010101010101ull * value;
}

// 0x80 in every byte of the result whose byte in `word` is zero; exact for each byte by itself.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  constexpr std::uint64_t kLowBits = every_byte(0x7f);
  return ~(((word & kLowBits) + kLowBits) | word | kLowBits);
}

// The same for control bytes.
constexpr std::uint64_t control_bytes(std::uint64_t word) {
  const std::uint64_t below_space = zero_bytes(word & every_byte(0xe0));
  const std::uint64_t tabs = zero_bytes(word ^ every_byte('\t'));
  return (below_space & ~tabs) | zero_bytes(word ^ every_byte(0x7f));
}

// Place of the first marked byte in memory's order; `marks` is not zero.
constexpr int first_mark(std::uint64_t marks) {
  constexpr bool kLittle = std::endian::native == std::endian::little;
  return (kLittle ? std::countr_zero(marks) : std::countl_zero(marks)) / 8;
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
  while (end - begin >= 8) {
    std::uint64_t word;
    std::memcpy(&word, begin, sizeof word);
    if (const std::uint64_t marks = control_bytes(word); marks != 0) return begin + first_mark(marks);
    begin += 8;
  }
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
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace exposee::http
