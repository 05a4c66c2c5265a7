#include "app/run/reload.h"

#include <algorithm>

#include "app/run/node.h"
#include "app/settings/setting_table.h"

namespace exposee::app {
namespace {

bool is_live(const std::string& name) {
  return name == "log.level" || name == "security.allow_networks" || name == "security.allow_hosts" ||
         name == "cors.allow_origins";
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void say_faults(const SettingsFaults& faults, Log& log) {
  for (const auto& fault : faults) log.error("settings not reloaded", {{"fault", std::string_view(fault)}});
}

void say_changes(const SettingChanges& changes, Log& log) {
  const auto live = listed(changes.live), restart = listed(changes.restart);
  std::vector<LogField> fields = {{"changed", std::string_view(live)}};
  if (!restart.empty()) fields.push_back({"needs_restart", std::string_view(restart)});
  log.write(restart.empty() ? LogLevel::info : LogLevel::warn, "settings reloaded, certificates too", fields);
}

}  // namespace

SettingChanges changes_between(const Settings& before, const Settings& after) {
  SettingChanges changes;
  for (const Setting& setting : setting_table()) {
    if (setting.show(before) == setting.show(after)) continue;
    (is_live(setting.name()) ? changes.live : changes.restart).push_back(setting.name());
  }
  return changes;
}

Settings with_live_settings(Settings before, const Settings& after) {
  before.log.level = after.log.level;
  before.security.allow_networks = after.security.allow_networks;
  before.security.allow_hosts = after.security.allow_hosts;
  before.cors.allow_origins = after.cors.allow_origins;
  return before;
}

void reload(const SettingsReader& read, Settings& current, Node& node, Log& log) {
  const auto next = read();
  if (!next) return say_faults(next.error(), log);
  const auto changes = changes_between(current, *next);
  auto live = with_live_settings(current, *next);
  if (const auto applied = node.apply(live); !applied) return say_faults({applied.error().message}, log);
  log.set_level(std::min(live.log.level, LogLevel::info));
  say_changes(changes, log);
  log.set_level(live.log.level);
  current = std::move(live);
}

}  // namespace exposee::app
