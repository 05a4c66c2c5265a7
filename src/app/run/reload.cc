#include "app/run/reload.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "app/run/node.h"
#include "app/settings/setting_table.h"

namespace exposee::app {
namespace {

// A setting that can change while the server runs, and how it does.
struct LiveSetting {
  std::string_view name;
  void (*take)(Settings& into, const Settings& from);
};
constexpr LiveSetting kLive[] = {
    {"log.level", [](Settings& into, const Settings& from) { into.log.level = from.log.level; }},
    {"security.allow_networks",
     [](Settings& into, const Settings& from) {
       into.security.allow_networks = from.security.allow_networks;
     }},
    {"security.allow_hosts",
     [](Settings& into, const Settings& from) { into.security.allow_hosts = from.security.allow_hosts; }},
    {"cors.allow_origins",
     [](Settings& into, const Settings& from) { into.cors.allow_origins = from.cors.allow_origins; }},
};

bool is_live(std::string_view name) {
  return std::ranges::find(kLive, name, &LiveSetting::name) != std::end(kLive);
}

std::string listed(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
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
  for (const auto& setting : kLive) setting.take(before, after);
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
