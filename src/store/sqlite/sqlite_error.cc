#include "store/sqlite/sqlite_error.h"

#include <sqlite3.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace exposee::store {
namespace {

constexpr int kPrimaryCodeMask = 0xFF;  // extended result codes carry the primary one in their low byte

constexpr std::string_view kLetWrite =
    "Make it writable for the user this process runs as, or choose another data directory (--data, "
    "storage.path).";

std::string_view way_out(int system_errno) {
  switch (system_errno) {
    case ENOSPC:
    case EDQUOT:
      return "Free some space there.";
    case EFBIG:
      return "Raise the limit of a file's size (ulimit -f, LimitFSIZE=).";
    case EACCES:
    case EPERM:
      return kLetWrite;
    case EROFS:
      return "Mount that file system for writing, or choose another data directory (--data, storage.path).";
    case EMFILE:
    case ENFILE:
      return "Raise the limit of open files (ulimit -n), or lower server.max_connections.";
    case EIO:
      return "Check that disk; the system's log may say more.";
    default:
      return "Choose another data directory (--data, storage.path).";
  }
}

ErrorCode meaning(int code, int system_errno) {
  switch (code & kPrimaryCodeMask) {
    case SQLITE_FULL:
      return ErrorCode::full;
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_READ) return ErrorCode::unreadable;
      [[fallthrough]];
    case SQLITE_CANTOPEN:
      return lacks_space(system_errno) ? ErrorCode::full : ErrorCode::unavailable;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
      return ErrorCode::unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::damaged;
    default:
      return ErrorCode::internal;
  }
}

std::string reason(int system_errno, std::string_view what) {
  std::string text(what);
  if (system_errno != 0) text += " (" + std::generic_category().message(system_errno) + ")";
  return text;
}

// The way out of what keeps this process from a file; `code`: SQLite's, if it was SQLite that said no.
std::string_view way_out(int code, int system_errno) {
  switch (code & kPrimaryCodeMask) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return "Close what else has it open, a backup or the sqlite3 shell.";
    case SQLITE_NOMEM:
      return "Give this process more memory.";
    case SQLITE_IOERR:
      return way_out(system_errno == 0 ? EIO : system_errno);  // SQLite does not always keep the number
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return kLetWrite;
    default:
      break;
  }
  return way_out(system_errno);
}

}  // namespace

std::string accept_data_command(const std::string& file) {
  const auto directory = std::filesystem::path(file).parent_path().string();
  return "exposee accept-data --data " + (directory.empty() ? "." : directory);
}

bool is_of_one_place(const Error& error) {
  return error.code == ErrorCode::damaged || error.code == ErrorCode::unreadable;
}

// EFBIG: the limit of a file's size (ulimit -f, systemd's LimitFSIZE=).
bool lacks_space(int system_errno) {
  return system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG;
}

Error sqlite_error(int code, int system_errno, std::string_view what, std::string_view path) {
  const std::string file = "the data file " + std::string(path);
  const auto kind = meaning(code, system_errno);
  if (kind == ErrorCode::full) {
    const bool limited = system_errno == EFBIG;
    return {kind, (limited ? "The size limit is reached for " : "No space is left for ") + file + ".",
            std::string(way_out(limited ? EFBIG : ENOSPC))};
  }
  if (kind == ErrorCode::damaged) {
    return {kind, "It seems that " + file + " is damaged: " + std::string(what) + ".",
            "Restore it from a backup, or choose another data directory (--data, storage.path). What else there is: "
            "docs/operating.md, section \"Damage\"."};
  }
  if (kind == ErrorCode::unreadable) {
    return {kind, "Cannot read a place of " + file + " now: " + reason(system_errno, what) + ".",
            std::string(way_out(code, system_errno))};
  }
  if (kind == ErrorCode::unavailable) {
    return {kind, "Cannot use " + file + " now: " + reason(system_errno, what) + ".",
            std::string(way_out(code, system_errno))};
  }
  return {kind, "SQLite refused a statement on " + file + ": " + std::string(what) + ".", {}};
}

Error system_error(int system_errno, std::string_view sentence) {
  const auto kind = lacks_space(system_errno) ? ErrorCode::full : ErrorCode::unavailable;
  return {kind, std::string(sentence) + ": " + std::generic_category().message(system_errno) + ".",
          std::string(way_out(system_errno))};
}

}  // namespace exposee::store
