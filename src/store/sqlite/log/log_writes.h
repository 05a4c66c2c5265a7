// What one connection writes to the log, gathered into one call of the system for a transaction: SQLite makes two for
// every page, and none is read before the last. Anything else that touches the log flushes first. Knows from the
// frames which of them end a transaction, and so how far the log holds what was committed. Part of a connection; its
// thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <span>
#include <vector>

namespace exposee::store {

// A place in the log: of the log that begins with these numbers ("salts"), so many bytes.
struct LogPlace {
  std::uint32_t salt1 = 0, salt2 = 0;
  std::uint64_t bytes = 0;
};

class LogWrites {
 public:
  // `put(bytes, at)` hands them to the system. Both return SQLITE_OK, or its error: then what was held is gone, as SQLite
  // expects of what it could not write.
  template <class Put>
  int write(std::span<const unsigned char> bytes, std::uint64_t at, Put&& put) {
    if (at != end_ || held_.size() + bytes.size() > kMostAtOnce) {
      if (const int code = flush(put); code != SQLITE_OK) return code;
    }
    return hold(bytes, at) ? SQLITE_OK : flush(put);
  }
  template <class Put>
  int flush(Put&& put) {
    if (held_.empty()) return SQLITE_OK;
    const int code = put(std::span<const unsigned char>(held_), end_ - held_.size());
    if (code == SQLITE_OK && ends_) committed_.bytes = end_;
    forget();
    return code;
  }

  // What is held is not wanted any more.
  void forget() {
    held_.clear();
    ends_ = false;
  }

  // Where the last transaction ends that this connection wrote to the log, of what the system has; zero bytes: none.
  const LogPlace& committed() const { return committed_; }

 private:
  // SQLite's files take 17 bits of the length and drop the others.
  static constexpr std::size_t kMostAtOnce = 0x1FFFF;

  bool hold(std::span<const unsigned char> bytes, std::uint64_t at);  // false: it is to be flushed now
  bool ends_transaction(std::span<const unsigned char> bytes, std::uint64_t at);

  std::vector<unsigned char> held_;  // up to end_
  std::uint64_t end_ = 0;            // of what was written last
  bool commits_ = false;             // the frame whose header came last ends a transaction
  bool ends_ = false;                // what is held, with it
  LogPlace committed_;
};

}  // namespace exposee::store
