// SQLite's files as Exposee uses them: its own way to the system (a "VFS") around the system's, which
// - gives every page of the data file a checksum when it is written, and refuses it when it is read and damaged;
// - writes a transaction to the log in one piece, and tells up to which byte the log is known to be on disk;
// - gives a file lock back again and again when the system failed to once, or one failure would lock all others out for
//   good.
// Whatever opens a data file for writing must use it, or the pages that it writes count as damaged.
// What is passed in belongs to one connection; its thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <vector>

#include "ports/row_trouble.h"
#include "store/sqlite/log/log_writes.h"

namespace exposee::store {

class LogSyncSink {
 public:
  virtual ~LogSyncSink() = default;
  // All of the log up to there, where a transaction of this connection ends, is on disk. Within a commit: must not block.
  virtual void log_synced(const LogPlace& place) = 0;
};

// What is read in the place of a page of the data file that cannot be read.
struct PageInstead {
  std::uint64_t page = 0;  // counted from 1; 0: none
  std::vector<unsigned char> bytes;
};

// Who is told of what happens to a connection's files, and what is done about it. Outlives it.
struct FileWatch {
  RowTroubleSink* troubles = nullptr;
  LogSyncSink* log = nullptr;
  std::uint64_t unread_page = 0;  // of the data file, that could not be read last, counted from 1; 0: none
  std::uint64_t pages_read = 0;   // of the data file or its log, also in vain
  PageInstead instead{};
};

// For sqlite3_open_v2. Registered at the first call.
const char* checked_files();
// Before anything is read through the connection.
void watch_files(sqlite3* connection, FileWatch& watch);
// Whatever this connection writes from now on has room for a checksum, and gets one, although the file's header does not
// say so yet: the file is new, or is written anew as a whole.
void stamp_all_pages(sqlite3* connection);

}  // namespace exposee::store
