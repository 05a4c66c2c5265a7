#include "store/sqlite/rows/setting_rows.h"

#include <algorithm>
#include <charconv>

#include "core/retry_schedule.h"

namespace exposee::store {
namespace {

using std::chrono::milliseconds;

// A stored value is not judged by what may be set today, but by what the engine can carry: what an earlier
// version let pass stays. What is beyond this is damage.
constexpr std::uint32_t kMostCount = 1'000'000;
constexpr milliseconds kLongestSpan{3'600'000};

// "5000 300000": whole milliseconds divided by one space.
std::string waits_text(const RetrySchedule& schedule) {
  std::string text;
  for (const auto wait : schedule.waits) {
    if (!text.empty()) text += ' ';
    text += std::to_string(wait.count());
  }
  return text;
}

// Nothing when it is not what waits_text() writes of a schedule that may be set.
std::optional<RetrySchedule> parse_waits(std::string_view text) {
  RetrySchedule schedule;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    std::int64_t milliseconds = 0;
    const auto read = std::from_chars(text.data() + at, text.data() + end, milliseconds);
    if (read.ec != std::errc{} || read.ptr != text.data() + end) return std::nullopt;
    schedule.waits.emplace_back(milliseconds);
    at = end + 1;
  }
  if (!check_schedule(schedule)) return std::nullopt;
  return schedule;
}

std::string_view type_of(const TextSetting&) {
  return "TEXT NOT NULL DEFAULT ''";
}
std::string_view type_of(const FlagSetting&) {
  return "INTEGER NOT NULL DEFAULT 0";
}
std::string_view type_of(const CountSetting&) {
  return "INTEGER NOT NULL DEFAULT 0";
}
std::string_view type_of(const SpanSetting&) {
  return "INTEGER";
}
std::string_view type_of(const ScheduleSetting&) {
  return "TEXT";
}

struct Binder {
  Query& query;
  int at;
  const EndpointSettings& settings;

  template <class Kind>
  void operator()(const Kind& kind) const {
    query.bind(at, settings.*kind.member);
  }
  void operator()(const ScheduleSetting& kind) const {
    const auto& schedule = settings.*kind.member;
    schedule ? query.bind_copy(at, waits_text(*schedule)) : query.bind(at, std::optional<std::int64_t>());
  }
};

struct Reader {
  const Query& query;
  int at;
  EndpointSettings& settings;

  void operator()(const TextSetting& kind) const { settings.*kind.member = query.text(at); }
  void operator()(const FlagSetting& kind) const { settings.*kind.member = query.flag(at); }
  void operator()(const CountSetting& kind) const {
    const auto most = std::max(kind.most, kMostCount);
    settings.*kind.member = static_cast<std::uint32_t>(query.maybe_integer(at, 0, most).value_or(0));
  }
  void operator()(const SpanSetting& kind) const {
    const auto least = std::min(kind.least, milliseconds{1}), most = std::max(kind.most, kLongestSpan);
    if (const auto count = query.maybe_integer(at, least.count(), most.count()))
      settings.*kind.member = milliseconds{*count};
  }
  void operator()(const ScheduleSetting& kind) const {
    if (query.is_null(at)) return;
    settings.*kind.member = parse_waits(query.view(at));
    if (!(settings.*kind.member)) query.fault(at);
  }
};

}  // namespace

std::string added_column(const EndpointSetting& setting) {
  const auto type = std::visit([](const auto& kind) { return type_of(kind); }, setting.kind);
  return "ALTER TABLE endpoint ADD COLUMN " + std::string(setting.name) + " " + std::string(type);
}

std::string setting_columns() {
  std::string columns;
  for (const auto& setting : endpoint_settings()) columns.append(", ").append(setting.name);
  return columns;
}

std::string setting_parameters(std::size_t first) {
  std::string parameters;
  for (std::size_t i = 0; i < endpoint_settings().size(); ++i)
    parameters += ", ?" + std::to_string(first + i);
  return parameters;
}

void bind_settings(Query& query, std::size_t first, const EndpointSettings& settings) {
  auto at = static_cast<int>(first);
  for (const auto& setting : endpoint_settings()) std::visit(Binder{query, at++, settings}, setting.kind);
}

EndpointSettings read_settings(const Query& query, int first) {
  EndpointSettings settings;
  for (const auto& setting : endpoint_settings()) std::visit(Reader{query, first++, settings}, setting.kind);
  return settings;
}

}  // namespace exposee::store
