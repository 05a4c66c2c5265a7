// The one table of settings. From it follow: what the file may say, the names of the environment variables,
// what check-config prints, and the test that the default file names every key with its default. A new
// setting is one member in app/settings/settings.h, one row here and one entry in config/exposee.default.toml.
// Constant data; any thread.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings/raw_value.h"
#include "app/settings/settings.h"

namespace exposee::app {

struct Setting {
  std::string section;
  std::string key;
  std::string help;  // one sentence; the default file says it too, word for word
  SettingKind kind = SettingKind::text;
  std::string allowed;  // completes "must be ..."
  bool secret = false;  // never shown; may also come from the file that <variable>_FILE names
  std::function<std::expected<void, std::string>(Settings&, const RawValue&)> assign;
  std::function<std::string(const Settings&)> show;  // as TOML

  std::string name() const { return section + "." + key; }
  std::string variable() const;  // EXPOSEE_SECTION_KEY
};

using SettingTable = std::vector<Setting>;  // sections in one piece, in the order of the default file
const SettingTable& setting_table();

}  // namespace exposee::app
