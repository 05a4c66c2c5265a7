// The commands that handle the data directory itself, beside a running server or without one: backup,
// accept-data. One call per process.
#pragma once

#include <string>

#include "app/cli/commands.h"

namespace exposee::app {

struct BackupOptions {
  SettingFlags flags;
  std::string destination;
  bool json = false;
};

int backup_command(const BackupOptions& options, World& world);
int accept_data_command(const SettingFlags& flags, World& world);

}  // namespace exposee::app
