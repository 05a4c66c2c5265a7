#include "core/text/text.h"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "core/assert.h"

namespace exposee {
namespace {

struct Free {
  void operator()(std::uint8_t* text) const { std::free(text); }
};
using Owned = std::unique_ptr<std::uint8_t, Free>;  // what libunistring allocates

const std::uint8_t* units(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

// `nf`: the normal form to bring the result to; null for none.
std::string unicode_lower_case(std::string_view utf8, uninorm_t nf) {
  if (utf8.empty()) return {};
  std::size_t size = 0;
  const Owned lower(u8_tolower(units(utf8), utf8.size(), nullptr, nf, nullptr, &size));
  EXPOSEE_ASSERT(lower, "text is valid UTF-8 before it is lower-cased, and memory suffices");
  return std::string(reinterpret_cast<const char*>(lower.get()), size);
}

// Bytes of the character at the front, and the character.
std::size_t first_character(std::string_view utf8, ucs4_t& character) {
  const int size = u8_mbtouc(&character, units(utf8), utf8.size());
  EXPOSEE_ASSERT(size > 0, "text has a character left");
  return static_cast<std::size_t>(size);
}

}  // namespace

std::string lower_case(std::string_view utf8) {
  return is_ascii(utf8) ? ascii_lower_case(utf8) : unicode_lower_case(utf8, nullptr);
}

std::string composed_lower_case(std::string_view utf8) {
  std::string lower;
  for (std::size_t at = 0; at < utf8.size();) {
    ucs4_t character;
    const std::size_t size = first_character(utf8.substr(at), character);
    lower += unicode_lower_case(utf8.substr(at, size), nullptr);
    at += size;
  }
  if (is_ascii(lower)) return lower;
  std::size_t size = 0;
  const Owned composed(u8_normalize(UNINORM_NFC, units(lower), lower.size(), nullptr, &size));
  EXPOSEE_ASSERT(composed, "text is valid UTF-8 before it is normalised, and memory suffices");
  return std::string(reinterpret_cast<const char*>(composed.get()), size);
}

bool is_identifier(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    ucs4_t character;
    const std::size_t size = first_character(utf8.substr(at), character);
    const bool fits = at == 0 ? character == '_' || uc_is_property_xid_start(character)
                              : uc_is_property_xid_continue(character);
    if (!fits) return false;
    at += size;
  }
  return !utf8.empty();
}

bool is_valid_utf8(std::string_view text) {
  return u8_check(units(text), text.size()) == nullptr;
}

std::string repaired_utf8(std::string_view bytes) {
  std::string text;
  while (const auto* wrong = u8_check(units(bytes), bytes.size())) {
    const auto good = static_cast<std::size_t>(wrong - units(bytes));
    text.append(bytes.substr(0, good)).append("\xEF\xBF\xBD");
    bytes.remove_prefix(good + 1);
  }
  return text.append(bytes);
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string ascii_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace exposee
