// The settings in force as text: every key, its value and where it comes from, secrets left out. Pure; any
// thread.
#pragma once

#include <string>

#include "app/settings/settings_load.h"

namespace exposee::app {

// A valid settings file, with the origin of each value as a comment.
std::string settings_as_toml(const LoadedSettings& loaded, const SettingTable& table = setting_table());

// One object: "config" (path or null) and "settings", a list of name, value, origin, default, variable, help
// and allowed.
std::string settings_as_json(const LoadedSettings& loaded, const SettingTable& table = setting_table());

}  // namespace exposee::app
