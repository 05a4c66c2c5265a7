// What each command of the CLI does, once its words are understood (app/cli/cli.h). Data goes to `out`, messages
// to `err`; the exit code says how it ended. One call per process.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "app/exit_code.h"
#include "app/log/log.h"
#include "app/run/reload.h"
#include "app/settings/environment.h"
#include "app/settings/settings.h"
#include "app/settings/settings_load.h"
#include "ports/clock.h"

namespace exposee::app {

// All that a command touches outside itself; tests bring their own. The references outlive the call.
struct World {
  std::ostream& out;
  std::ostream& err;
  const Clock& clock;
  Environment environment;
  bool err_is_terminal = false;
  std::function<int(const Settings&, const SettingsReader&, Log&)> serve;  // app/run/serve.h
  LogWriter log_out = {};  // of a server; empty: `err`
};

// Flags that stand for settings or say where they are.
struct SettingFlags {
  std::optional<std::string> config;
  std::vector<std::string> listen;
  std::optional<std::string> data;
};

struct CheckConfigOptions {
  SettingFlags flags;
  bool json = false;
  bool defaults = false;  // print the default file instead
};

struct HealthcheckOptions {
  SettingFlags flags;
  std::string url;  // empty: the address that the settings listen on
  std::string timeout = "5s";
  bool json = false;
};

// Says what is wrong with the settings, one line a fault; nothing: there was something.
std::optional<LoadedSettings> load_or_complain(const SettingFlags& flags, World& world);

int serve_command(const SettingFlags& flags, World& world);
int check_config_command(const CheckConfigOptions& options, World& world);
int version_command(bool json, World& world);
int healthcheck_command(const HealthcheckOptions& options, World& world);

// "exposee: <sentence>" on `err`, and usage's exit code.
int usage_error(const std::string& sentence, World& world);

}  // namespace exposee::app
