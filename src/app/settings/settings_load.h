// From what an operator wrote to Settings: the built-in defaults, then the file, then the environment, then
// flags, the later beating the earlier. Whatever is wrong is said at once, one sentence a fault, each naming
// the place, the value and what is allowed. Reads the settings file and the files that secrets' variables
// name; nothing else. Start only.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings/environment.h"
#include "app/settings/setting_table.h"
#include "app/settings/settings.h"

namespace exposee::app {

// A flag of the command line that stands for a setting.
struct FlagValue {
  std::string flag;     // "--listen"
  std::string setting;  // "server.listen"
  std::string text;
};

struct SettingsSources {
  std::optional<std::string> config_path;  // --config
  Environment environment;
  std::vector<FlagValue> flags;
};

struct LoadedSettings {
  Settings settings;
  std::vector<std::string>
      origins;              // as the table: "default", "exposee.toml:12", "EXPOSEE_LOG_LEVEL", "--listen"
  std::string config_path;  // of the file that was read; empty: none
};

using SettingsFaults = std::vector<std::string>;  // never empty

constexpr std::string_view kDefaultConfigPath = "exposee.toml";  // read when it exists
constexpr std::string_view kConfigVariable = "EXPOSEE_CONFIG";
constexpr std::string_view kServerVariable = "EXPOSEE_URL";  // of commands that ask a server; no setting
constexpr std::size_t kMaxConfigBytes = 1024 * 1024;  // a larger file is not a settings file

std::expected<LoadedSettings, SettingsFaults> load_settings(const SettingsSources& sources,
                                                            const SettingTable& table = setting_table());

// How the log is to be written, as far as the sources say it rightly, whatever else is wrong with them: so
// that what is wrong can be said there.
LogSettings log_settings_despite_faults(const SettingsSources& sources);

}  // namespace exposee::app
