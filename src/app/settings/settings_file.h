// The text of a settings file as a flat list of what it says and where: the one place with TOML.
// Whether a key exists and what it may hold is not decided here (app/settings/settings_load.h). Pure; any
// thread.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings/raw_value.h"

namespace exposee::app {

// `key = value` of one section, or (when `section` is empty) at the top of the file.
struct FileEntry {
  std::string section;
  std::string key;
  RawValue value;
  int line = 0;  // from 1
};

struct SettingsFile {
  std::vector<FileEntry> entries;                     // in the order of the file
  std::vector<std::pair<std::string, int>> sections;  // name and line; those without entries too
};

// The error is the sentence to show: "exposee.toml:12: ...". `name` is how the file is called in it.
std::expected<SettingsFile, std::string> parse_settings_file(std::string_view text, const std::string& name);

}  // namespace exposee::app
