// SIGHUP: the settings are read again, and what can change while the server runs changes: the log's level,
// where deliveries may go, which origins may call, which certificates are trusted. Everything else waits for a
// restart, and the log names it. Settings that are wrong change nothing. Pure but for reload(); main thread.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "app/log/log.h"
#include "app/settings/settings.h"
#include "app/settings/settings_load.h"

namespace exposee::app {

class Node;

// The settings as they stand now in the file, the environment and the flags of this process.
using SettingsReader = std::function<std::expected<Settings, SettingsFaults>()>;

struct SettingChanges {
  std::vector<std::string> live;     // names of settings that can change at once
  std::vector<std::string> restart;  // those that cannot
};
SettingChanges changes_between(const Settings& before, const Settings& after);

// `before` with the settings of `after` that can change at once.
Settings with_live_settings(Settings before, const Settings& after);

// Reads and applies; says in the log what came of it. `current`: the settings that are in force.
void reload(const SettingsReader& read, Settings& current, Node& node, Log& log);

}  // namespace exposee::app
