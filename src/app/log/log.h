// The log: one line an event, for people or for machines. Text lines name the time, the level, a sentence and
// key=value fields; JSON lines hold the same as one object with "time", "level", "message" and the fields
// beside them. No globals: a Log is passed to what logs. Made in app/run, outlives the server. Any thread;
// lines never mix. The server writes in the background (app/log/log_queue.h), commands at once.
//
// Building a line costs; ask enabled() first where many would be thrown away. Secrets never go in: callers
// hand over fields one by one, never whole objects.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "app/log/log_queue.h"
#include "app/settings/settings.h"
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

LogWriter writer_to(std::ostream& out);
LogWriter writer_to_descriptor(int fd);  // waits for the reader, as long as that takes

class Log {
 public:
  // `out` and `clock` outlive the log; nothing else writes to `out` meanwhile.
  Log(const LogOptions& options, std::ostream& out, const Clock& clock);
  Log(const LogOptions& options, LogWriter out, const Clock& clock);
  ~Log();  // of a log that writes in the background: waits a little for what is not yet written

  // From now on logging never waits for the reader. Before other threads log; throws
  // std::system_error when the system gives out no thread.
  void write_in_background(const LogQueueLimits& limits = {});

  bool enabled(LogLevel level) const { return level >= level_.load(std::memory_order_relaxed); }
  bool json() const { return json_; }
  std::uint64_t dropped() const { return queue_ ? queue_->dropped() : 0; }  // lines that went nowhere
  void set_level(LogLevel level) { level_ = level; }
  void write(LogLevel level, std::string_view message, std::span<const LogField> fields);

  void debug(std::string_view message, std::initializer_list<LogField> fields = {});
  void info(std::string_view message, std::initializer_list<LogField> fields = {});
  void warn(std::string_view message, std::initializer_list<LogField> fields = {});
  void error(std::string_view message, std::initializer_list<LogField> fields = {});

 private:
  std::string line(LogLevel level, std::string_view message, std::span<const LogField> fields) const;
  std::string dropped_line(const DroppedLines& dropped) const;

  const LogWriter out_;
  const Clock& clock_;
  std::atomic<LogLevel> level_;
  const bool json_;
  const bool colour_;
  std::mutex mutex_;  // of `out_`, while nothing is written in the background
  std::unique_ptr<LogQueue> queue_;
};

std::string_view to_text(LogLevel level);

}  // namespace exposee::app
