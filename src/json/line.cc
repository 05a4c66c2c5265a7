#include "json/line.h"

#include <fmt/format.h>
#include <unistr.h>

#include <algorithm>
#include <cmath>

#include "json/text.h"

namespace exposee {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// U+007F, and U+0080 to U+009F, which UTF-8 writes as C2 80 to C2 9F.
bool is_late_control(std::string_view rest) {
  const auto at = [rest](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  return at(0) == 0x7f || (rest.size() > 1 && at(0) == 0xC2 && at(1) >= 0x80 && at(1) < 0xA0);
}

// `text` is valid UTF-8.
void append_without_late_controls(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const bool control = is_late_control(text);
    const std::size_t taken = control && text[0] != 0x7f ? 2 : 1;
    out += control ? kReplacement : text.substr(0, taken);
    text.remove_prefix(taken);
  }
}

std::string cleaned(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto* const begin = reinterpret_cast<const std::uint8_t*>(text.data());
    const std::uint8_t* const fault = ::u8_check(begin, text.size());
    const std::size_t valid = fault == nullptr ? text.size() : static_cast<std::size_t>(fault - begin);
    append_without_late_controls(text.substr(0, valid), clean);
    text.remove_prefix(valid);
    if (text.empty()) break;
    clean += kReplacement;
    text.remove_prefix(1);
  }
  return clean;
}

bool is_plain_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0 && c != 0x7f; });
}

}  // namespace

void append_json_text(std::string_view text, std::string& out) {
  if (is_plain_ascii(text)) {
    append_json_string(text, out);
  } else {
    append_json_string(cleaned(text), out);
  }
}

void JsonLine::begin(std::string_view key) {
  text_ += text_.empty() ? '{' : ',';
  append_json_text(key, text_);
  text_ += ':';
}

void JsonLine::add(std::string_view key, std::string_view value) {
  begin(key);
  append_json_text(value, text_);
}

void JsonLine::add(std::string_view key, bool value) {
  add_raw(key, value ? "true" : "false");
}

void JsonLine::add(std::string_view key, std::int64_t value) {
  add_raw(key, std::to_string(value));
}

void JsonLine::add(std::string_view key, std::uint64_t value) {
  add_raw(key, std::to_string(value));
}

void JsonLine::add(std::string_view key, double value) {
  add_raw(key, std::isfinite(value) ? fmt::format("{:.3f}", value) : "null");
}

void JsonLine::add_raw(std::string_view key, std::string_view json) {
  begin(key);
  text_ += json;
}

std::string JsonLine::finish() && {
  if (text_.empty()) text_ += '{';
  text_ += '}';
  return std::move(text_);
}

}  // namespace exposee
