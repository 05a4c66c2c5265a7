#include "store/sqlite/sqlite_error.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cerrno>

namespace exposee::store {
namespace {

struct ErrorCase {
  int code;
  int system_errno;
  ErrorCode meaning;
  const char* message;
};

const ErrorCase kErrors[] = {
    {SQLITE_FULL, 0, ErrorCode::full, "No space is left for the data file x.db."},
    {SQLITE_IOERR_WRITE, ENOSPC, ErrorCode::full, "No space is left for the data file x.db."},
    {SQLITE_IOERR_WRITE, EDQUOT, ErrorCode::full, "No space is left for the data file x.db."},
    {SQLITE_CANTOPEN, ENOSPC, ErrorCode::full, "No space is left for the data file x.db."},
    {SQLITE_IOERR_WRITE, EFBIG, ErrorCode::full, "The size limit is reached for the data file x.db."},
    {SQLITE_IOERR_FSYNC, EIO, ErrorCode::unavailable,
     "Cannot use the data file x.db now: words (Input/output error)."},
    {SQLITE_IOERR_WRITE, EIO, ErrorCode::unavailable,
     "Cannot use the data file x.db now: words (Input/output error)."},
    {SQLITE_IOERR_READ, EIO, ErrorCode::unreadable,
     "Cannot read a place of the data file x.db now: words (Input/output error)."},
    {SQLITE_BUSY, 0, ErrorCode::unavailable, "Cannot use the data file x.db now: words."},
    {SQLITE_BUSY_SNAPSHOT, 0, ErrorCode::unavailable, "Cannot use the data file x.db now: words."},
    {SQLITE_CANTOPEN, ENOENT, ErrorCode::unavailable,
     "Cannot use the data file x.db now: words (No such file or directory)."},
    {SQLITE_READONLY, 0, ErrorCode::unavailable, "Cannot use the data file x.db now: words."},
    {SQLITE_NOMEM, 0, ErrorCode::unavailable, "Cannot use the data file x.db now: words."},
    {SQLITE_CORRUPT, 0, ErrorCode::damaged, "It seems that the data file x.db is damaged: words."},
    {SQLITE_CORRUPT_INDEX, 0, ErrorCode::damaged, "It seems that the data file x.db is damaged: words."},
    {SQLITE_NOTADB, 0, ErrorCode::damaged, "It seems that the data file x.db is damaged: words."},
    {SQLITE_CONSTRAINT_PRIMARYKEY, 0, ErrorCode::internal,
     "SQLite refused a statement on the data file x.db: words."},
};

TEST(SqliteError, EveryCodeHasItsMeaningAndASentence) {
  for (const auto& row : kErrors) {
    const auto error = sqlite_error(row.code, row.system_errno, "words", "x.db");
    EXPECT_EQ(error.code, row.meaning) << row.code;
    EXPECT_EQ(error.message, row.message) << row.code;
  }
}

// Whether that could go on with it, with_way_out() finds out (acceptable.h).
TEST(SqliteError, OfDamageNobodyIsSentToAcceptIt) {
  const auto error = sqlite_error(SQLITE_CORRUPT, 0, "words", "x.db");
  EXPECT_EQ(error.hint.find("accept-data"), std::string::npos);
  EXPECT_NE(error.hint.find("docs/operating.md"), std::string::npos);
}

TEST(SqliteError, WhatAnOperatorCanHelpNamesTheWayOut) {
  const struct {
    int code, system_errno;
    const char* words;
  } rows[] = {{SQLITE_BUSY, 0, "Close what else has it open"},
              {SQLITE_NOMEM, 0, "more memory"},
              {SQLITE_READONLY, 0, "storage.path"},
              {SQLITE_CANTOPEN, EACCES, "Make it writable for the user this process runs as"},
              {SQLITE_CANTOPEN, EMFILE, "ulimit -n"},
              {SQLITE_CANTOPEN, EISDIR, "Choose another data directory"},
              {SQLITE_IOERR_FSYNC, EIO, "Check that disk"},
              {SQLITE_IOERR_WRITE, 0, "Check that disk"},
              {SQLITE_IOERR_READ, 0, "Check that disk"},
              {SQLITE_CANTOPEN, EROFS, "for writing"},
              {SQLITE_IOERR_WRITE, EFBIG, "ulimit -f"},
              {SQLITE_NOTADB, 0, "from a backup"},
              {SQLITE_FULL, 0, "Free some space"}};
  for (const auto& row : rows) {
    const auto hint = sqlite_error(row.code, row.system_errno, "words", "x.db").hint;
    EXPECT_NE(hint.find(row.words), std::string::npos) << row.code << ": " << hint;
  }
}

TEST(SqliteError, AFailedSystemCallIsFullOrUnavailable) {
  EXPECT_EQ(system_error(ENOSPC, "Cannot write x").code, ErrorCode::full);
  const auto denied = system_error(EACCES, "Cannot write x");
  EXPECT_EQ(denied.code, ErrorCode::unavailable);
  EXPECT_EQ(denied.message, "Cannot write x: Permission denied.");
  for (const int each : {ENOSPC, EACCES, EROFS, EMFILE, EIO, ENOENT}) {
    EXPECT_EQ(system_error(each, "x").hint.find("goes on"), std::string::npos) << "a start has ended";
    EXPECT_FALSE(system_error(each, "Cannot write x").hint.empty()) << each;
  }
}

}  // namespace
}  // namespace exposee::store
