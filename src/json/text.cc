#include "json/text.h"

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

}  // namespace

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
