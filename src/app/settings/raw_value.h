// What a file, a variable or a flag said about a setting, before its meaning is known. Values only; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace exposee::app {

// Something a file can say that no setting takes: a table, a date, a number with a fraction.
struct Foreign {
  std::string what;  // "a table"
};

using RawValue = std::variant<std::int64_t, bool, std::string, std::vector<std::string>, Foreign>;

// What a setting takes; decides how the text of a variable or flag is read.
enum class SettingKind : std::uint8_t { integer, boolean, text, list };

// A list is divided by commas, blanks around its items are dropped; empty text is the empty list. Text that
// does not read as the kind stays text, and the setting refuses it.
RawValue read_text(SettingKind kind, std::string_view text);

// As TOML writes it, for messages and for check-config. It is JSON as well: JSON's escapes are all TOML's
// (TOML 1.0, basic strings).
std::string toml_text(std::string_view text);
std::string toml_list(const std::vector<std::string>& items);
std::string show(const RawValue& value);

}  // namespace exposee::app
