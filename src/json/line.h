// One flat JSON object on one line, built by appending: log lines and the CLI's --json. What receivers and
// variables say may hold any bytes, so every text is made valid first: bytes that are not UTF-8 become U+FFFD,
// and so do the controls from U+007F to U+009F, which JSON would leave as they are and terminals would obey.
// Values only; any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace exposee {

// Appends `text`, made valid, in quotes (json/text.h).
void append_json_text(std::string_view text, std::string& out);

class JsonLine {
 public:
  void add(std::string_view key, std::string_view value);
  void add(std::string_view key, const char* value) { add(key, std::string_view(value)); }
  void add(std::string_view key, bool value);
  void add(std::string_view key, std::int64_t value);
  void add(std::string_view key, std::uint64_t value);
  void add(std::string_view key, double value);               // three decimals; null when it is not a number
  void add_raw(std::string_view key, std::string_view json);  // `json` is valid JSON
  // The object, without a line end. Ends the building.
  std::string finish() &&;

 private:
  void begin(std::string_view key);
  std::string text_;
};

}  // namespace exposee
