// The log: one line an event, for people or for machines. Text lines name the time, the level, a sentence and
// key=value fields; JSON lines hold the same as one object with "time", "level", "message" and the fields
// beside them. No globals: whoever logs is handed a Log. Made in app/cli, outlives the server. Any thread;
// lines never mix.
//
// Building a line costs; ask enabled() first where many would be thrown away. Secrets never go in: callers
// hand over fields one by one, never whole objects.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <span>
#include <string_view>
#include <variant>

#include "app/settings.h"
#include "ports/clock.h"

namespace exposee::app {

// Texts are borrowed: they need to live only until write() returns.
struct LogField {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;
};

struct LogOptions {
  LogLevel level = LogLevel::info;
  bool json = false;
  bool colour = false;  // of text lines
};

class Log {
 public:
  // `out` and `clock` outlive the log; nothing else writes to `out` meanwhile.
  Log(const LogOptions& options, std::ostream& out, const Clock& clock);
  ~Log();

  bool enabled(LogLevel level) const;
  bool json() const { return json_; }
  void write(LogLevel level, std::string_view message, std::span<const LogField> fields);

  void debug(std::string_view message, std::initializer_list<LogField> fields = {});
  void info(std::string_view message, std::initializer_list<LogField> fields = {});
  void warn(std::string_view message, std::initializer_list<LogField> fields = {});
  void error(std::string_view message, std::initializer_list<LogField> fields = {});

 private:
  struct Writer;
  std::unique_ptr<Writer> writer_;
  const Clock& clock_;
  bool json_;
  bool colour_;
};

std::string_view to_text(LogLevel level);

}  // namespace exposee::app
