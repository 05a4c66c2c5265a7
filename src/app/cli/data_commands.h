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

struct AcceptOptions {
  SettingFlags flags;
  std::string pending;  // "send", "cancel"; empty: the data is not a backup
};

int backup_command(const BackupOptions& options, World& world);
int accept_data_command(const AcceptOptions& options, World& world);

}  // namespace exposee::app
