#include "json/text.h"

#include <unistr.h>

#include <algorithm>

namespace exposee {
namespace {

constexpr unsigned char kFirstPrintable = 0x20;

bool must_escape(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < kFirstPrintable;
}

// The letter of the short form ("\n"), or 0 when there is none.
char short_form(char c) {
  switch (c) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

void append_escaped(char c, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (const char letter = short_form(c)) {
    out += '\\';
    out += letter;
    return;
  }
  out += "\\u00";
  out += kDigits[static_cast<unsigned char>(c) >> 4];
  out += kDigits[static_cast<unsigned char>(c) & 15];
}

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// U+007F, and U+0080 to U+009F, which UTF-8 writes as C2 80 to C2 9F.
bool is_late_control(std::string_view rest) {
  const auto at = [rest](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  return at(0) == 0x7f || (rest.size() > 1 && at(0) == 0xC2 && at(1) >= 0x80 && at(1) < 0xA0);
}

std::string without_late_controls(std::string_view utf8) {
  std::string clean;
  while (!utf8.empty()) {
    const bool control = is_late_control(utf8);
    const std::size_t taken = control && utf8[0] != 0x7f ? 2 : 1;
    clean += control ? kReplacement : utf8.substr(0, taken);
    utf8.remove_prefix(taken);
  }
  return clean;
}

bool is_plain_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0 && c != 0x7f; });
}

// Bytes at the beginning that are whole characters.
std::size_t valid_bytes(std::string_view bytes) {
  const auto* const begin = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const std::uint8_t* const fault = ::u8_check(begin, bytes.size());
  return fault == nullptr ? bytes.size() : static_cast<std::size_t>(fault - begin);
}

}  // namespace

std::string printable_utf8(std::string_view bytes) {
  std::string text;
  while (true) {
    const auto valid = valid_bytes(bytes);
    text += bytes.substr(0, valid);
    if (valid == bytes.size()) return text;
    text += kReplacement;
    bytes.remove_prefix(valid + 1);
  }
}

void append_clean_json_string(std::string_view bytes, std::string& out) {
  if (is_plain_ascii(bytes)) {
    append_json_string(bytes, out);
  } else {
    append_json_string(without_late_controls(printable_utf8(bytes)), out);
  }
}

void append_json_string(std::string_view utf8, std::string& out) {
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    if (!must_escape(utf8[i])) continue;
    out.append(utf8, copied, i - copied);
    append_escaped(utf8[i], out);
    copied = i + 1;
  }
  out.append(utf8, copied);
  out += '"';
}

}  // namespace exposee
