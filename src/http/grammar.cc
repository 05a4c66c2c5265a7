#include "http/grammar.h"

#include <algorithm>
#include <array>
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

bool has_control(const char* sixteen) {
  Bytes16 bytes;
  std::memcpy(&bytes, sixteen, sizeof bytes);
  const auto marks = reinterpret_cast<Words2>(((bytes < 0x20) & (bytes != '\t')) | (bytes == 0x7f));
  return (marks[0] | marks[1]) != 0;
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
  while (end - begin >= 16 && !has_control(begin)) begin += 16;
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
