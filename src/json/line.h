// One flat JSON object on one line, built by appending: log lines and the CLI's --json. What receivers and
// variables say may hold any bytes, so every text is cleaned (json/text.h). Values only; any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace exposee {

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
