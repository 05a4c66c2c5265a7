// How the data file was left, noted in the file itself: in use, so that the log beside it ("-wal") belongs to
// it, or whole without one; and whether it is a backup that was never started. So a copy of the file without
// its log is noticed instead of being served as if nothing were missing. Used by the store when it opens and
// closes, and by backups; the thread of the connection.
//
// The note is right at every moment: it says "in use" in the file, not only in the log, before the first
// commit of a process, and "whole" only with the last one, which the closing copies into the file. While it
// says "in use" the log is never empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "core/time.h"
#include "store/sqlite/database.h"
#include "store/sqlite/log/log_mark.h"

namespace exposee::store {

// Of a backup that was never started, as long as it was not said what becomes of its pending deliveries.
struct BackupMark {
  Instant taken_at;
  std::uint64_t pending = 0;  // deliveries that were owed then
};

// What lies in the directory before SQLite opens it, which makes an empty log.
struct FilesFound {
  bool data = false;  // not empty
  bool log = false;   // not empty
};
FilesFound look_for_files(const std::string& file);

// `mark`: what the directory's last owner knew. Error: not_found (the file, but not its log or its mark, is gone),
// damaged (the log is), and those of reading.
Result<void> check_files(const FilesFound& found, const LogMark& mark, const std::string& file);
// Before anything is written. Error: not_found (the file without its log), and those of every read.
Result<void> check_log(Database& db, const FilesFound& found, const std::string& file);

// Everything that the log holds goes into the file; from now on the two belong together.
Result<void> begin_use(Database& db);
// The last commit. When it fails the log must be kept.
Result<void> end_use(Database& db);

// Also of files of earlier schemas, before anything is written.
Result<std::optional<BackupMark>> backup_mark(Database& db);
// Error: undecided (a backup with pending deliveries).
Result<void> check_decided(Database& db, const std::string& directory);
Result<void> put_backup_mark(Database& db, const std::optional<BackupMark>& mark);

}  // namespace exposee::store
