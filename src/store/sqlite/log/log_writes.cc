#include "store/sqlite/log/log_writes.h"

#include "store/sqlite/log/sqlite_log.h"

namespace exposee::store {

// What does not go on where the last write ended is a part that SQLite writes over, or the beginning of a log: at once.
bool LogWrites::hold(std::span<const unsigned char> bytes, std::uint64_t at) {
  const bool goes_on = at == end_;
  ends_ = ends_transaction(bytes, at);
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  end_ = at + bytes.size();
  return goes_on && !ends_;
}

// The header of a frame, and then its page. A transaction's last frame is the one that says how long the file is after it.
bool LogWrites::ends_transaction(std::span<const unsigned char> bytes, std::uint64_t at) {
  if (at == 0) {
    committed_ = {};
    return commits_ = false;
  }
  if (bytes.size() != kFrameHeaderBytes) return commits_;
  const auto header = frame_header(bytes);
  commits_ = header.file_pages != 0;
  if (commits_) committed_.salt1 = header.salt1, committed_.salt2 = header.salt2;
  return false;
}

}  // namespace exposee::store
