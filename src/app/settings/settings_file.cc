#include "app/settings/settings_file.h"

#include <algorithm>
#include <optional>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace exposee::app {
namespace {

RawValue foreign(const toml::node& node) {
  if (node.is_table()) return Foreign{"a table"};
  if (node.is_array()) return Foreign{"a list of other things than texts"};
  if (node.is_floating_point()) return Foreign{"a number with a fraction"};
  return Foreign{"a date or time"};
}

std::optional<std::vector<std::string>> texts_of(const toml::array& array) {
  std::vector<std::string> items;
  for (const toml::node& item : array) {
    const auto* text = item.as_string();
    if (text == nullptr) return std::nullopt;
    items.push_back(text->get());
  }
  return items;
}

RawValue raw_value(const toml::node& node) {
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* array = node.as_array()) {
    if (auto items = texts_of(*array)) return std::move(*items);
  }
  return foreign(node);
}

int line_of(const toml::node& node) {
  return static_cast<int>(node.source().begin.line);
}

void add_section(SettingsFile& file, const std::string& name, const toml::table& table) {
  file.sections.emplace_back(name, line_of(table));
  for (const auto& [key, node] : table) {
    file.entries.push_back(
        {name, std::string(key.str()), raw_value(node), static_cast<int>(key.source().begin.line)});
  }
}

std::string fault_text(const toml::parse_error& error, const std::string& name) {
  const auto at = error.source().begin;
  return name + ":" + std::to_string(at.line) + ": not valid TOML (column " + std::to_string(at.column) +
         "): " + std::string(error.description()) + ".";
}

}  // namespace

std::expected<SettingsFile, std::string> parse_settings_file(std::string_view text, const std::string& name) {
  const toml::parse_result parsed = toml::parse(text, name);
  if (!parsed) return std::unexpected(fault_text(parsed.error(), name));
  SettingsFile file;
  for (const auto& [key, node] : parsed.table()) {
    if (const auto* table = node.as_table()) {
      add_section(file, std::string(key.str()), *table);
    } else {
      file.entries.push_back(
          {"", std::string(key.str()), raw_value(node), static_cast<int>(key.source().begin.line)});
    }
  }
  std::ranges::stable_sort(file.entries, {}, &FileEntry::line);  // toml++ keeps tables sorted by key
  return file;
}

}  // namespace exposee::app
