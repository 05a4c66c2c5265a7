#include "app/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <iterator>
#include <mutex>
#include <string>

#include "app/json_line.h"
#include "core/time.h"

namespace exposee::app {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

std::string_view colour_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "\x1b[31m";  // red
    case LogLevel::warn:
      return "\x1b[33m";  // yellow
    case LogLevel::info:
      return "\x1b[32m";  // green
    default:
      return "\x1b[2m";  // dim
  }
}

// A stream that failed once (a full disk) is tried again with every line; spdlog's own stream sink would stay
// silent.
class StreamSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit StreamSink(std::ostream& out) : out_(out) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    out_.clear();
    out_.write(line.data(), static_cast<std::streamsize>(line.size()));
    out_.flush();
  }
  void flush_() override { out_.flush(); }

  std::ostream& out_;
};

// Text that a person can tell apart from what stands around it stays bare.
bool reads_bare(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool plain = c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=';
    if (!plain) return false;
  }
  return true;
}

struct AppendText {
  std::string& out;
  void operator()(std::string_view text) const {
    if (reads_bare(text)) {
      out += text;
    } else {
      append_json_text(text, out);
    }
  }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(double number) const { fmt::format_to(std::back_inserter(out), "{:.3f}", number); }
  template <std::integral T>
  void operator()(T number) const {
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
};

// "2025-05-07 04:03:10.779Z"
std::string text_time(Instant now) {
  std::string text = iso_text(now).substr(0, 23);
  text[10] = ' ';
  return text + 'Z';
}

std::string text_line(Instant now, LogLevel level, bool colour, std::string_view message,
                      std::span<const LogField> fields) {
  const std::string_view on = colour ? colour_of(level) : "";
  const std::string_view off = colour ? "\x1b[0m" : "";
  std::string line = fmt::format("{} {}{:<5}{} {}", text_time(now), on, to_text(level), off, message);
  for (const LogField& field : fields) {
    fmt::format_to(std::back_inserter(line), "  {}=", field.key);
    std::visit(AppendText{line}, field.value);
  }
  return line;
}

std::string json_line(Instant now, LogLevel level, std::string_view message,
                      std::span<const LogField> fields) {
  JsonLine line;
  line.add("time", iso_text(now));
  line.add("level", to_text(level));
  line.add("message", message);
  for (const LogField& field : fields) {
    std::visit([&](const auto& value) { line.add(field.key, value); }, field.value);
  }
  return std::move(line).finish();
}

}  // namespace

struct Log::Writer {
  explicit Writer(std::ostream& out) : logger("exposee", std::make_shared<StreamSink>(out)) {
    logger.set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n"));
  }
  spdlog::logger logger;
};

Log::Log(const LogOptions& options, std::ostream& out, const Clock& clock)
    : writer_(std::make_unique<Writer>(out)), clock_(clock), json_(options.json), colour_(options.colour) {
  writer_->logger.set_level(to_spdlog(options.level));
}

Log::~Log() = default;

bool Log::enabled(LogLevel level) const {
  return writer_->logger.should_log(to_spdlog(level));
}

void Log::write(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  if (!enabled(level)) return;
  const Instant now = clock_.now();
  const std::string line =
      json_ ? json_line(now, level, message, fields) : text_line(now, level, colour_, message, fields);
  writer_->logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void Log::debug(std::string_view message, std::initializer_list<LogField> fields) {
  write(LogLevel::debug, message, {fields.begin(), fields.size()});
}

void Log::info(std::string_view message, std::initializer_list<LogField> fields) {
  write(LogLevel::info, message, {fields.begin(), fields.size()});
}

void Log::warn(std::string_view message, std::initializer_list<LogField> fields) {
  write(LogLevel::warn, message, {fields.begin(), fields.size()});
}

void Log::error(std::string_view message, std::initializer_list<LogField> fields) {
  write(LogLevel::error, message, {fields.begin(), fields.size()});
}

std::string_view to_text(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return "trace";
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      break;
  }
  return "error";
}

}  // namespace exposee::app
