#include "store/sqlite/log/log_mark.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "store/sqlite/sqlite_error.h"
#include "store/sqlite/log/sqlite_log.h"

namespace exposee::store {
namespace {

constexpr std::string_view kNoLog = "no log", kOpen = "log", kSynced = "log synced ";

// Logs that followed one another since the mark reached the disk: far more than half a minute's.
constexpr std::uint32_t kMostLogsSince = 1 << 16;

template <class N>
bool take_number(std::string_view& text, N& number) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return true;
}

using MarkText = std::array<char, kLogMarkBytes>;

char* put_number(char* at, char* end, std::uint64_t number) {
  at = std::to_chars(at, end, number).ptr;
  *at = ' ';
  return at + 1;
}

MarkText text_of(const LogMark& mark) {
  MarkText text;
  text.fill(' ');
  text.back() = '\n';
  const auto words = mark.kind == LogMark::Kind::no_log ? kNoLog : mark.kind == LogMark::Kind::open ? kOpen : kSynced;
  auto* at = std::ranges::copy(words, text.data()).out;
  auto* const end = text.data() + text.size();
  if (mark.place.bytes == 0) return text;
  if (mark.kind == LogMark::Kind::no_log) ++at;
  at = put_number(at, end, mark.place.salt1);
  at = put_number(at, end, mark.place.salt2);
  put_number(at, end, mark.place.bytes);
  return text;
}

Error broken_log(const std::string& log, const std::string& what) {
  return {ErrorCode::damaged, "The log " + log + " " + what + ".",
          "Restore a backup, or put the log back that belongs to the data. To go on without what is missing: " +
              accept_data_command(log) + "."};
}

Error other_log(const std::string& log) {
  return {ErrorCode::not_found,
          "The log " + log + " is not the one that was written last beside the data file: it belongs to other data, or "
          "the files were copied at different moments.",
          "Put the log back that belongs to the data, or restore a backup. To go on without what that held, move this "
          "one away and use: " + accept_data_command(log) + "."};
}

Error cannot_write(const std::string& data_file) {
  return system_error(errno, "Cannot write the lock file beside " + data_file);
}

Result<void> compare(const std::string& log, const LogWalk& walk, const LogPlace& known) {
  if (!walk.header.whole) return broken_log(log, "is damaged: its header cannot be read");
  const bool same = walk.header.salt1 == known.salt1 && walk.header.salt2 == known.salt2;
  if (!same) {
    const std::uint32_t later = walk.header.salt1 - known.salt1;
    return later >= 1 && later <= kMostLogsSince ? Result<void>{} : other_log(log);
  }
  if (walk.whole >= known.bytes) return {};
  return broken_log(log, "is damaged: it can be read up to byte " + std::to_string(walk.whole) +
                             ", and what was acknowledged goes on to byte " + std::to_string(known.bytes));
}

// To read it again changes nothing. One that is cut off would undo what followed.
bool is_all_of(const LogWalk& walk, const LogPlace& known) {
  const bool same = walk.header.whole && walk.header.salt1 == known.salt1 && walk.header.salt2 == known.salt2;
  return same && known.bytes != 0 && walk.whole >= known.bytes;
}

}  // namespace

LogMark LogMark::parse(std::string_view text) {
  const bool no_log = text.starts_with(kNoLog);
  if (!no_log && !text.starts_with(kSynced)) return {text.starts_with(kOpen) ? Kind::open : Kind::unknown, {}};
  text.remove_prefix(no_log ? std::min(text.size(), kNoLog.size() + 1) : kSynced.size());
  LogMark mark{no_log ? Kind::no_log : Kind::synced, {}};
  auto& [salt1, salt2, bytes] = mark.place;
  const bool whole = take_number(text, salt1) && take_number(text, salt2) && take_number(text, bytes);
  return whole ? mark : LogMark{no_log ? Kind::no_log : Kind::open, {}};
}

Result<void> check_log_whole(const std::string& data_file, const LogMark& mark) {
  if (mark.kind == LogMark::Kind::unknown || mark.kind == LogMark::Kind::open) return {};
  const auto log = data_file + "-wal";
  auto walk = walk_log(log);
  if (!walk) return std::move(walk).error();
  if (!*walk) return {};  // whether it may be missing the data file says
  if (mark.kind == LogMark::Kind::synced) return compare(log, **walk, mark.place);
  return is_all_of(**walk, mark.place) ? Result<void>{} : other_log(log);
}

LogMarker::~LogMarker() {
  struct stat log{};
  const bool found = ::stat((data_file_ + "-wal").c_str(), &log) == 0;
  const bool gone = found ? log.st_size == 0 : errno == ENOENT || errno == ENOTDIR;
  if (begun_ && gone) chore_.note(put({LogMark::Kind::no_log, last_}));
}

Result<void> LogMarker::begin() {
  EXPOSEE_TRY(put({LogMark::Kind::open, {}}));
  if (::fsync(lock_) != 0) return cannot_write(data_file_);
  begun_ = true;
  return {};
}

void LogMarker::log_synced(const LogPlace& place) {
  last_ = place;
  chore_.note(put({LogMark::Kind::synced, place}));
}

Result<void> LogMarker::put(const LogMark& mark) const {
  const auto text = text_of(mark);
  errno = EIO;  // of a write that is cut short
  if (::pwrite(lock_, text.data(), text.size(), kLogMarkAt) == static_cast<ssize_t>(text.size())) return {};
  return cannot_write(data_file_);
}

}  // namespace exposee::store
