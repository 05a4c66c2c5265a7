#include "app/settings/raw_value.h"

#include <charconv>

#include "core/text/ascii.h"
#include "json/text.h"

namespace exposee::app {
namespace {

std::vector<std::string> divided(std::string_view text) {
  std::vector<std::string> items;
  if (trimmed(text).empty()) return items;
  for (std::size_t comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
    items.emplace_back(trimmed(text.substr(0, comma)));
    text.remove_prefix(comma + 1);
  }
  items.emplace_back(trimmed(text));
  return items;
}

RawValue read_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) return std::string(text);
  return number;
}

struct Shown {
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(const std::string& text) const { return toml_text(text); }
  std::string operator()(const std::vector<std::string>& items) const { return toml_list(items); }
  std::string operator()(const Foreign& foreign) const { return foreign.what; }
};

}  // namespace

RawValue read_text(SettingKind kind, std::string_view text) {
  switch (kind) {
    case SettingKind::integer:
      return read_integer(text);
    case SettingKind::list:
      return divided(text);
    case SettingKind::text:
      return std::string(text);
    case SettingKind::boolean:
      break;
  }
  if (text == "true") return true;
  if (text == "false") return false;
  return std::string(text);
}

std::string toml_text(std::string_view text) {
  std::string out;
  append_clean_json_string(text, out);
  return out;
}

std::string toml_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ", ";
    out += toml_text(item);
  }
  return out += ']';
}

std::string show(const RawValue& value) {
  return std::visit(Shown{}, value);
}

}  // namespace exposee::app
