// The options that stand for settings or say where they are, and how a command gets its settings from them.
// Reads the settings file; otherwise pure. Main thread.
#pragma once

#include <optional>
#include <vector>

#include "app/settings/settings_load.h"
#include "cli/arguments.h"
#include "cli/world.h"

namespace exposee::app {

cli::Option config_option();
cli::Option listen_option();
cli::Option data_option();

// The settings as file, environment and the command's words have them.
SettingsSources sources_of(const cli::Arguments& arguments, const cli::World& world);

// Says what is wrong with the settings, one line a fault; nothing: there was something.
std::optional<LoadedSettings> load_or_complain(const cli::Arguments& arguments, cli::World& world);

// Where a server with these settings listens: the first address, and which file, variable or flag set it (a
// file that happens to lie in the working directory is easily overlooked).
std::expected<cli::ServerAddress, cli::Faults> configured_server(const cli::Arguments& arguments,
                                                                 const cli::World& world);

}  // namespace exposee::app
