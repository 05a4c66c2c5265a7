#include "json/read.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/assert.h"

namespace exposee {
namespace {

// One level more than is allowed, twice: simdjson counts scalars and empty arrays differently, so it only has
// to stop what is far too deep; is_clean() counts exactly.
constexpr std::size_t kParserDepth = kMaxJsonDepth + 2;
constexpr std::size_t kFirstCapacityBytes = 16 * 1024;
constexpr std::size_t kFewKeys = 16;  // up to here comparing all pairs is cheaper than sorting

simdjson::dom::parser& parser_of_thread() {
  thread_local simdjson::dom::parser parser;
  thread_local const bool ready = parser.allocate(kFirstCapacityBytes, kParserDepth) == simdjson::SUCCESS;
  EXPOSEE_ASSERT(ready, "memory for a JSON parser");
  return parser;
}

bool has_twins_sorted(const JsonObject& object) {
  std::vector<std::string_view> keys;
  for (const auto member : object) keys.push_back(member.key);
  std::ranges::sort(keys);
  return std::ranges::adjacent_find(keys) != keys.end();
}

// No duplicate keys, and no level below `depth_left` ones.
bool is_clean(const JsonElement& element, std::size_t depth_left);

bool is_clean(const simdjson::dom::array& items, std::size_t depth_left) {
  for (const auto item : items) {
    if (!is_clean(item, depth_left)) return false;
  }
  return true;
}

bool is_clean(const JsonObject& object, std::size_t depth_left) {
  const bool few = object.size() <= kFewKeys;
  if (!few && has_twins_sorted(object)) return false;
  std::size_t count = 0;
  std::string_view keys[kFewKeys];
  for (const auto [key, value] : object) {
    if (few) {
      if (std::find(keys, keys + count, key) != keys + count) return false;
      keys[count++] = key;
    }
    if (!is_clean(value, depth_left)) return false;
  }
  return true;
}

bool is_clean(const JsonElement& element, std::size_t depth_left) {
  const bool is_array = element.is_array();
  if (!is_array && !element.is_object()) return true;
  if (depth_left == 0) return false;
  return is_array ? is_clean(element.get_array().value_unsafe(), depth_left - 1)
                  : is_clean(element.get_object().value_unsafe(), depth_left - 1);
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Walks over an array or object that is known to be valid, so it needs no look at the end: closing quotes and
// brackets come before it. Works on the bare pointer because this runs over every byte of every event that is
// published.
struct Walker {
  const char* at;
  const char* end;  // of the text

  void skip_blanks() {
    while (is_blank(*at)) ++at;
  }
  // A quote after an even number of backslashes ends the string.
  void skip_string() {
    do {
      ++at;
      at = static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
    } while (is_escaped());
    ++at;
  }
  bool is_escaped() const {
    const char* before = at;
    while (before[-1] == '\\') --before;
    return (at - before) % 2 != 0;
  }
  void skip_nested() {
    std::size_t depth = 0;
    do {
      const char c = *at;
      if (c == '"') {
        skip_string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at;
    } while (depth != 0);
  }
  void skip_value() {
    if (*at == '"') return skip_string();
    if (*at == '{' || *at == '[') return skip_nested();
    while (!is_blank(*at) && *at != ',' && *at != '}' && *at != ']') ++at;
  }
  // From '{' or ',' to the value of the member that follows.
  void skip_name() {
    ++at;
    skip_blanks();
    skip_string();
    skip_blanks();
    ++at;  // ':'
    skip_blanks();
  }
  // From '{' or ',' past the member that follows, to the ',' or '}' after it. Its value, without blanks.
  std::string_view member_value() {
    skip_name();
    const char* const begin = at;
    skip_value();
    const char* const end = at;
    skip_blanks();
    return {begin, end};
  }
  void skip_object(std::span<std::string_view> values) {
    const char* const open = at++;
    skip_blanks();
    if (*at != '}') at = open;
    for (std::size_t index = 0; *at != '}'; ++index) {
      const auto value = member_value();
      if (index < values.size()) values[index] = value;
    }
    ++at;
  }
};

}  // namespace

std::string_view without_bom(std::string_view text) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
  return text;
}

std::expected<JsonElement, JsonFault> read_json(std::string_view text) {
  auto& parser = parser_of_thread();
  auto parsed = parser.parse(text.data(), text.size());
  if (!parsed.error() && is_clean(parsed.value_unsafe(), kMaxJsonDepth)) return parsed.value_unsafe();
  auto scan = scan_json(text);
  if (scan.fault) return std::unexpected(*std::move(scan.fault));
  parsed = parser.parse(scan.tamed);
  if (parsed.error()) return std::unexpected(JsonFault{0, simdjson::error_message(parsed.error())});
  return parsed.value_unsafe();
}

bool is_json(std::string_view text) {
  return read_json(without_bom(text)).has_value();
}

// The last one ends where the object does: the largest value of an event is not walked over.
std::string_view raw_member(std::string_view text, std::size_t index, std::size_t count) {
  text = trimmed_json(text);
  Walker walker{text.data(), text.data() + text.size()};
  for (auto left = index; left != 0; --left) walker.member_value();
  if (index + 1 < count) return walker.member_value();
  walker.skip_name();
  text.remove_suffix(1);  // '}'
  return trimmed_json({walker.at, text.data() + text.size()});
}

RawArray::RawArray(std::string_view text) : end_(text.data() + text.size()) {
  Walker walker{text.data(), end_};
  walker.skip_blanks();
  at_ = walker.at;
}

void RawArray::next(std::span<std::string_view> values) {
  Walker walker{at_ + 1, end_};
  walker.skip_blanks();
  if (*walker.at == '{')
    walker.skip_object(values);
  else
    walker.skip_value();
  walker.skip_blanks();
  at_ = walker.at;
}

std::string_view trimmed_json(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace exposee
