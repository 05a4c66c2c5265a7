// How far the log is known to be on disk, noted outside it: in the directory's lock file, without a sync of its own. What
// the log held up to there was acknowledged; when it is not there any more, the log is damaged, and not merely torn by
// the end of its process or its machine. After a kill the mark is exact; after the loss of power it may be older than the
// log, never newer. Owned by the store; the writer's thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "store/sqlite/file/checked_files.h"
#include "store/sqlite/told_chore.h"

namespace exposee::store {

struct LogMark {
  enum class Kind : std::uint8_t {
    unknown,  // nothing was noted: a directory of an earlier version, or without its lock file
    no_log,   // the data file is whole without a log; that of `place` may be there, all of it is in the data file
    open,     // in use, and nothing is known of the log yet
    synced,   // in use, up to a place
  };
  Kind kind = Kind::unknown;
  LogPlace place;  // of the last sync; zero bytes: not known

  static LogMark parse(std::string_view text);
};

// Of its text in the lock file, always the same, so that it is written over.
inline constexpr std::size_t kLogMarkAt = 32, kLogMarkBytes = 48;

// Whether the log beside the data file is what the mark says. Error: damaged (a sentence with the place and the ways
// out), unavailable.
Result<void> check_log_whole(const std::string& data_file, const LogMark& mark);

class LogMarker final : public LogSyncSink {
 public:
  // `lock`: descriptor of the lock file, which stays its owner's and outlives this. `data_file`: whose log it is.
  // `sink`: told when the mark cannot be written; outlives this, null: not reported.
  LogMarker(int lock, std::string data_file, StoreChoreSink* sink = nullptr)
      : lock_(lock), data_file_(std::move(data_file)), chore_(StoreChore::log_mark, sink) {}
  // When the log is gone by then, it is not expected any more. It may come back, with files that were moved away.
  ~LogMarker() override;
  LogMarker(const LogMarker&) = delete;

  // The log is in use from now on. On disk when this returns.
  Result<void> begin();
  void log_synced(const LogPlace& place) override;
  // The mark stays as it is, for the log is needed wherever it is now: what it holds is not in the data file.
  void keep() { begun_ = false; }

 private:
  Result<void> put(const LogMark& mark) const;

  const int lock_;
  const std::string data_file_;
  ToldChore chore_;
  LogPlace last_{};
  bool begun_ = false;
};

}  // namespace exposee::store
