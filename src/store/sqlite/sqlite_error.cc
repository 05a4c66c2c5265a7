#include "store/sqlite/sqlite_error.h"

#include <sqlite3.h>

#include <cerrno>
#include <system_error>

namespace exposee::store {
namespace {

constexpr int kPrimaryCodeMask = 0xFF;  // extended result codes carry the primary one in their low byte

bool lacks_space(int system_errno) {
  return system_errno == ENOSPC || system_errno == EDQUOT;
}

ErrorCode meaning(int code, int system_errno) {
  switch (code & kPrimaryCodeMask) {
    case SQLITE_FULL:
      return ErrorCode::full;
    case SQLITE_IOERR:
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
    default:
      return ErrorCode::internal;
  }
}

std::string reason(int system_errno, std::string_view what) {
  std::string text(what);
  if (system_errno != 0) text += " (" + std::generic_category().message(system_errno) + ")";
  return text;
}

bool is_damage(int code) {
  const int primary = code & kPrimaryCodeMask;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

}  // namespace

Error sqlite_error(int code, int system_errno, std::string_view what, std::string_view path) {
  const std::string file = "the data file " + std::string(path);
  const auto kind = meaning(code, system_errno);
  if (kind == ErrorCode::full) {
    return {kind, "No space is left for " + file + ".", "Free some space there; Exposee goes on by itself."};
  }
  if (is_damage(code)) {
    return {kind, "It seems that " + file + " is damaged: " + std::string(what) + ".",
            "Restore it from a backup."};
  }
  if (kind == ErrorCode::unavailable) {
    return {kind, "Cannot use " + file + " now: " + reason(system_errno, what) + ".", {}};
  }
  return {kind, "SQLite refused a statement on " + file + ": " + std::string(what) + ".", {}};
}

Error system_error(int system_errno, std::string_view sentence) {
  const auto kind = lacks_space(system_errno) ? ErrorCode::full : ErrorCode::unavailable;
  return {kind, std::string(sentence) + ": " + std::generic_category().message(system_errno) + ".", {}};
}

}  // namespace exposee::store
