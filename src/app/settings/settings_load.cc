#include "app/settings/settings_load.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "app/settings/foreign_variables.h"
#include "app/settings/settings_file.h"
#include "core/assert.h"
#include "core/text/suggest.h"

namespace exposee::app {
namespace {

constexpr std::string_view kVariablePrefix = "EXPOSEE_";  // of every variable of ours

class Loader {
 public:
  explicit Loader(const SettingTable& table) : table_(table) {
    loaded_.origins.assign(table.size(), "default");
  }

  void read(const SettingsSources& sources);
  std::expected<LoadedSettings, SettingsFaults> result() &&;
  const LogSettings& log() const { return loaded_.settings.log; }

 private:
  void read_file(const SettingsSources& sources);
  void read_environment(const Environment& environment);
  void read_flags(const std::vector<FlagValue>& flags);
  void apply(const SettingsFile& file, const std::string& name);
  void apply_variable(const std::string& variable, const std::string& text);
  std::string meant_variable(std::string_view variable) const;
  bool apply_secret_file(const std::string& variable, const std::string& path);
  void set(const Setting& setting, const RawValue& value, const std::string& place);
  void unknown_key(const FileEntry& entry, const std::string& place);
  const Setting* find(std::string_view name) const;
  std::vector<std::string> names(std::string (Setting::*member)() const) const;
  std::vector<std::string> sections() const;

  const SettingTable& table_;
  LoadedSettings loaded_;
  SettingsFaults faults_;
};

std::string why_not_read(int system_errno) {
  if (system_errno == ENOENT) return "does not exist";
  return "cannot be read: " + std::generic_category().message(system_errno);
}

std::expected<std::string, std::string> file_text(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return std::unexpected("is a directory");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::unexpected(why_not_read(errno));
  std::string text(kMaxConfigBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return std::unexpected(why_not_read(errno));
  if (text.size() > kMaxConfigBytes) return std::unexpected("is larger than 1 MiB");
  return text;
}

// The file that was asked for, or the one that lies in the working directory; empty: none.
std::string config_path(const SettingsSources& sources) {
  if (sources.config_path) return *sources.config_path;
  const auto variable = find_variable(sources.environment, kConfigVariable);
  if (variable && !variable->empty()) return std::string(*variable);
  std::error_code ignored;
  return std::filesystem::exists(kDefaultConfigPath, ignored) ? std::string(kDefaultConfigPath) : "";
}

void Loader::read(const SettingsSources& sources) {
  read_file(sources);
  read_environment(sources.environment);
  read_flags(sources.flags);
}

void Loader::read_file(const SettingsSources& sources) {
  const std::string path = config_path(sources);
  if (path.empty()) return;
  const auto text = file_text(path);
  if (!text) {
    faults_.push_back("The settings file " + path + " " + text.error() + ".");
    return;
  }
  const auto file = parse_settings_file(*text, path);
  if (!file) {
    faults_.push_back(file.error());
    return;
  }
  loaded_.config_path = path;
  apply(*file, path);
}

void Loader::apply(const SettingsFile& file, const std::string& name) {
  const std::vector<std::string> known = sections();
  for (const auto& [section, line] : file.sections) {
    if (std::ranges::find(known, section) != known.end()) continue;
    faults_.push_back(name + ":" + std::to_string(line) + ": There is no section '" + section + "'." +
                      did_you_mean(section, known));
  }
  for (const FileEntry& entry : file.entries) {
    const bool section_known =
        entry.section.empty() || std::ranges::find(known, entry.section) != known.end();
    if (!section_known) continue;  // said already
    const std::string place = name + ":" + std::to_string(entry.line);
    const Setting* setting = find(entry.section + "." + entry.key);
    if (setting == nullptr) {
      unknown_key(entry, place);
    } else {
      set(*setting, entry.value, place);
    }
  }
}

// A key of another section is the likelier mistake than a mistyped one.
void Loader::unknown_key(const FileEntry& entry, const std::string& place) {
  const std::string written = entry.section.empty() ? entry.key : entry.section + "." + entry.key;
  const auto elsewhere = std::ranges::find(table_, entry.key, &Setting::key);
  const std::string hint = elsewhere != table_.end() ? " Did you mean '" + elsewhere->name() + "'?"
                                                     : did_you_mean(written, names(&Setting::name));
  faults_.push_back(place + ": There is no setting '" + written + "'." + hint);
}

void Loader::read_environment(const Environment& environment) {
  for (const auto& [variable, text] : environment) {
    const bool ours =
        variable.starts_with(kVariablePrefix) && variable != kConfigVariable && variable != kServerVariable;
    if (ours) apply_variable(variable, text);
  }
}

void Loader::apply_variable(const std::string& variable, const std::string& text) {
  const auto setting = std::ranges::find_if(
      table_, [&](const Setting& candidate) { return candidate.variable() == variable; });
  if (setting != table_.end()) {
    set(*setting, read_text(setting->kind, text), variable);
    return;
  }
  if (apply_secret_file(variable, text) || is_foreign_variable(variable, text)) return;
  faults_.push_back("There is no setting for the environment variable '" + variable + "'." +
                    meant_variable(variable));
}

// What all of them begin with is not counted: it would make any two short names look alike. A section left
// out is the likelier mistake than a mistyped name.
std::string Loader::meant_variable(std::string_view variable) const {
  const std::string name(variable.substr(kVariablePrefix.size()));
  std::vector<std::string> known = names(&Setting::variable);
  const auto elsewhere =
      std::ranges::find_if(known, [&](const auto& all) { return all.ends_with("_" + name); });
  if (!name.empty() && elsewhere != known.end()) return " Did you mean '" + *elsewhere + "'?";
  known.emplace_back(kConfigVariable);
  known.emplace_back(kServerVariable);
  for (auto& all : known) all.erase(0, kVariablePrefix.size());
  const std::string meant = nearest(name, known);
  return meant.empty() ? "" : " Did you mean '" + std::string(kVariablePrefix) + meant + "'?";
}

// NAME_FILE of a secret names a file that holds it, so that it need not stand in the environment.
bool Loader::apply_secret_file(const std::string& variable, const std::string& path) {
  for (const Setting& setting : table_) {
    if (!setting.secret || variable != setting.variable() + "_FILE") continue;
    auto text = file_text(path);
    if (!text) {
      faults_.push_back(variable + ": The file " + path + " " + text.error() + ".");
      return true;
    }
    while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
    set(setting, read_text(setting.kind, *text), variable);
    return true;
  }
  return false;
}

void Loader::read_flags(const std::vector<FlagValue>& flags) {
  for (const FlagValue& flag : flags) {
    const Setting* setting = find(flag.setting);
    EXPOSEE_ASSERT(setting != nullptr, "every flag stands for a setting of the table");
    set(*setting, read_text(setting->kind, flag.text), flag.flag);
  }
}

void Loader::set(const Setting& setting, const RawValue& value, const std::string& place) {
  if (const auto assigned = setting.assign(loaded_.settings, value); !assigned) {
    const std::string shown = setting.secret ? "not usable" : show(value);
    const bool silent = setting.secret || assigned.error().empty();  // a reason may quote the value
    std::string reason = silent ? "" : " (" + assigned.error();
    if (reason.ends_with('.')) reason.pop_back();  // the sentence goes on
    if (!silent) reason += ")";
    faults_.push_back(place + ": " + setting.name() + " is " + shown + ", but must be " + setting.allowed +
                      reason + ".");
    return;
  }
  loaded_.origins[static_cast<std::size_t>(&setting - table_.data())] = place;
}

const Setting* Loader::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(table_, [&](const Setting& setting) { return setting.name() == name; });
  return found == table_.end() ? nullptr : &*found;
}

std::vector<std::string> Loader::names(std::string (Setting::*member)() const) const {
  std::vector<std::string> all;
  for (const Setting& setting : table_) all.push_back((setting.*member)());
  return all;
}

std::vector<std::string> Loader::sections() const {
  std::vector<std::string> all;
  for (const Setting& setting : table_) all.push_back(setting.section);
  all.erase(std::ranges::unique(all).begin(), all.end());
  return all;
}

std::expected<LoadedSettings, SettingsFaults> Loader::result() && {
  if (!faults_.empty()) return std::unexpected(std::move(faults_));
  return std::move(loaded_);
}

}  // namespace

std::expected<LoadedSettings, SettingsFaults> load_settings(const SettingsSources& sources,
                                                            const SettingTable& table) {
  Loader loader(table);
  loader.read(sources);
  return std::move(loader).result();
}

LogSettings log_settings_despite_faults(const SettingsSources& sources) {
  Loader loader(setting_table());
  loader.read(sources);
  return loader.log();
}

}  // namespace exposee::app
