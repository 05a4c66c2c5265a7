#include "app/log/log.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <string>

#include "core/time.h"
#include "json/line.h"
#include "json/text.h"

namespace exposee::app {
namespace {

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

// Whether it is worth trying again. A descriptor may have been made non-blocking by whom it is shared with.
bool wait_to_write(int fd) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN) return false;
  pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
  return ::poll(&waiting, 1, -1) > 0 || errno == EINTR;
}

// Text that a person can distinguish from what stands around it stays bare.
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
      append_clean_json_string(text, out);
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

// A stream that failed once (a full disk) is tried again with every line.
LogWriter writer_to(std::ostream& out) {
  return [&out](std::string_view lines) {
    out.clear();
    out.write(lines.data(), static_cast<std::streamsize>(lines.size()));
    return static_cast<bool>(out.flush());
  };
}

LogWriter writer_to_descriptor(int fd) {
  return [fd](std::string_view lines) {
    while (!lines.empty()) {
      const auto size = ::write(fd, lines.data(), lines.size());
      if (size >= 0)
        lines.remove_prefix(static_cast<std::size_t>(size));
      else if (!wait_to_write(fd))
        return false;
    }
    return true;
  };
}

Log::Log(const LogOptions& options, std::ostream& out, const Clock& clock)
    : Log(options, writer_to(out), clock) {}

Log::Log(const LogOptions& options, LogWriter out, const Clock& clock)
    : out_(std::move(out)),
      clock_(clock),
      level_(options.level),
      json_(options.json),
      colour_(options.colour) {}

Log::~Log() = default;

void Log::write_in_background(const LogQueueLimits& limits) {
  queue_ = std::make_unique<LogQueue>(
      out_, [this](const DroppedLines& dropped) { return dropped_line(dropped); }, limits);
}

std::string Log::line(LogLevel level, std::string_view message, std::span<const LogField> fields) const {
  const Instant now = clock_.now();
  auto text =
      json_ ? json_line(now, level, message, fields) : text_line(now, level, colour_, message, fields);
  text += '\n';
  return text;
}

std::string Log::dropped_line(const DroppedLines& dropped) const {
  const auto count = dropped.unread + dropped.unwritten;
  const auto message = fmt::format("{} log line{} dropped because standard error {}", count,
                                   count == 1 ? " was" : "s were",
                                   dropped.unread > 0 ? "was not read" : "could not be written");
  const LogField fields[] = {{"dropped", count}};
  return line(LogLevel::warn, message, fields);
}

void Log::write(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  if (!enabled(level)) return;
  const auto text = line(level, message, fields);
  if (queue_) return queue_->push(text, level >= LogLevel::warn);
  const std::scoped_lock lock(mutex_);
  out_(text);
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
