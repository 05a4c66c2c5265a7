#include "store/sqlite/file/file_state.h"

#include <sys/stat.h>

#include "store/sqlite/sqlite_error.h"

namespace exposee::store {
namespace {

bool has_bytes(const std::string& file) {
  struct stat there{};
  return ::stat(file.c_str(), &there) == 0 && there.st_size > 0;
}

// Older files have no note: nothing is known of them.
Result<bool> has_note(Database& db) {
  auto known = db.query("SELECT 1 FROM sqlite_schema WHERE name = 'file_state'");
  const bool there = known.step();
  EXPOSEE_TRY(known.result());
  return there;
}

Result<bool> is_in_use(Database& db) {
  auto noted = has_note(db);
  if (!noted || !*noted) return noted;
  auto query = db.query("SELECT in_use FROM file_state");
  const bool in_use = query.step() && query.flag(0);
  EXPOSEE_TRY(query.result());
  return in_use;
}

Result<void> put_in_use(Database& db, bool in_use) {
  return db.query("UPDATE file_state SET in_use = ?1", in_use).run();
}

}  // namespace

FilesFound look_for_files(const std::string& file) {
  return {has_bytes(file), has_bytes(file + "-wal")};
}

Result<void> check_files(const FilesFound& found, const LogMark& mark, const std::string& file) {
  if (found.data) return check_log_whole(file, mark);
  if (!found.log && mark.kind == LogMark::Kind::unknown) return {};
  if (!found.log) {
    return Error{ErrorCode::not_found,
                 "The data file " + file + " is missing or empty, and there was data in it.",
                 "Put it back, or restore a backup; to begin anew, move the file 'lock' beside it away."};
  }
  return Error{ErrorCode::not_found,
               "The data file " + file + " is missing or empty, and the log beside it is not: to start would "
               "lose what the log holds.",
               "Put the file back that belongs to the log, or restore a backup; to begin anew, move " + file +
                   "-wal and the file 'lock' beside it away."};
}

Result<void> check_log(Database& db, const FilesFound& found, const std::string& file) {
  if (found.log) return {};
  auto in_use = is_in_use(db);
  if (!in_use) return std::move(in_use).error();
  if (!*in_use) return {};
  return Error{ErrorCode::not_found,
               "The log " + file + "-wal is missing: this is a copy of the data file alone, taken while a server "
               "used it, and what was accepted last is not in it.",
               "Copy the log too, or use 'exposee backup'. To start without what is missing: " +
                   accept_data_command(file) + "."};
}

Result<void> begin_use(Database& db) {
  EXPOSEE_TRY(put_in_use(db, false));
  EXPOSEE_TRY(db.empty_log());
  EXPOSEE_TRY(put_in_use(db, true));
  if (const auto log = db.copy_log(); log.failed) return db.last_error();
  return db.sync_file();
}

Result<void> end_use(Database& db) {
  return put_in_use(db, false);
}

Result<std::optional<BackupMark>> backup_mark(Database& db) {
  auto noted = has_note(db);
  if (!noted) return std::move(noted).error();
  if (!*noted) return std::optional<BackupMark>();
  auto query = db.query("SELECT backup_at, backup_pending FROM file_state WHERE backup_at IS NOT NULL");
  std::optional<BackupMark> mark;
  if (query.step()) mark = BackupMark{query.instant(0), static_cast<std::uint64_t>(query.integer(1))};
  EXPOSEE_TRY(query.result());
  return mark;
}

Result<void> check_decided(Database& db, const std::string& directory) {
  auto mark = backup_mark(db);
  if (!mark) return std::move(mark).error();
  if (!*mark || (*mark)->pending == 0) return {};
  const bool one = (*mark)->pending == 1;
  const auto answer = "exposee accept-data --data " + directory + " --pending ";
  return Error{ErrorCode::undecided,
               "The data in " + directory + " is a backup taken at " + iso_text((*mark)->taken_at) +
                   ", when " + std::to_string((*mark)->pending) +
                   (one ? " delivery was" : " deliveries were") +
                   " pending, and the original may have sent " + (one ? "it" : "them") + " since.",
               "Say what becomes of " + std::string(one ? "it" : "them") + ": " + answer + "send, or " +
                   answer + "cancel."};
}

Result<void> put_backup_mark(Database& db, const std::optional<BackupMark>& mark) {
  std::optional<Instant> at;
  std::optional<std::uint64_t> pending;
  if (mark) at = mark->taken_at, pending = mark->pending;
  return db.query("UPDATE file_state SET backup_at = ?1, backup_pending = ?2", at, pending).run();
}

}  // namespace exposee::store
