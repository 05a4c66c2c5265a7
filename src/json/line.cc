#include "json/line.h"

#include <fmt/format.h>

#include <cmath>

#include "json/text.h"

namespace exposee {

void JsonLine::begin(std::string_view key) {
  text_ += text_.empty() ? '{' : ',';
  append_clean_json_string(key, text_);
  text_ += ':';
}

void JsonLine::add(std::string_view key, std::string_view value) {
  begin(key);
  append_clean_json_string(value, text_);
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
