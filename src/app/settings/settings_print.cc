#include "app/settings/settings_print.h"

#include <fmt/format.h>

#include "json/line.h"

namespace exposee::app {
namespace {

constexpr std::size_t kCommentColumn = 44;

std::string shown(const Setting& setting, const Settings& settings) {
  const std::string value = setting.show(settings);
  return setting.secret && value != "\"\"" ? "\"(hidden)\"" : value;
}

std::string json_row(const Setting& setting, const LoadedSettings& loaded, const std::string& origin) {
  JsonLine line;
  line.add("name", setting.name());
  line.add_raw("value", shown(setting, loaded.settings));
  line.add("origin", origin);
  line.add_raw("default", shown(setting, Settings{}));
  line.add("variable", setting.variable());
  line.add("help", setting.help);
  line.add("allowed", setting.allowed);
  return std::move(line).finish();
}

}  // namespace

std::string settings_as_toml(const LoadedSettings& loaded, const SettingTable& table) {
  std::string text;
  std::string_view section;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Setting& setting = table[i];
    if (setting.section != section) {
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", setting.section);
      section = setting.section;
    }
    const std::string assignment = fmt::format("{} = {}", setting.key, shown(setting, loaded.settings));
    text += fmt::format("{:<{}}  # {}\n", assignment, kCommentColumn, loaded.origins[i]);
  }
  return text;
}

std::string settings_as_json(const LoadedSettings& loaded, const SettingTable& table) {
  std::string rows;
  for (std::size_t i = 0; i < table.size(); ++i) {
    rows += (i == 0 ? "" : ",") + json_row(table[i], loaded, loaded.origins[i]);
  }
  JsonLine line;
  if (loaded.config_path.empty()) {
    line.add_raw("config", "null");
  } else {
    line.add("config", loaded.config_path);
  }
  line.add_raw("settings", "[" + rows + "]");
  return std::move(line).finish() + "\n";
}

}  // namespace exposee::app
