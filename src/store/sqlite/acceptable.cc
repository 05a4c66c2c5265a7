#include "store/sqlite/acceptable.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string_view>
#include <vector>

#include "store/sqlite/file/page_check.h"
#include "store/sqlite/sqlite_error.h"

namespace exposee::store {
namespace {

// Where the file's header says how it may be used, and how many pages there are: https://sqlite.org/fileformat.html.
constexpr std::size_t kWriteVersionAt = 18, kReadVersionAt = 19, kChangesAt = 24, kPagesAt = 28, kPagesAsOfAt = 92;
constexpr unsigned char kRollback = 1, kWal = 2;

constexpr std::string_view kRestore = "Restore a backup: docs/operating.md, section \"Backup and restore\".";

using Page = std::vector<unsigned char>;

std::uint64_t bytes_of(const std::string& file) {
  struct stat there{};
  return ::stat(file.c_str(), &there) == 0 ? static_cast<std::uint64_t>(there.st_size) : 0;
}

std::uint32_t number_at(const Page& page, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = at; i < at + 4; ++i) number = number << 8 | page[i];
  return number;
}

Error cannot_be_accepted(const std::string& file, const std::string& why) {
  return {ErrorCode::damaged,
          "The data file " + file + " is damaged where no start can do without it: " + why + ". Nothing was changed.",
          std::string(kRestore)};
}

// Empty: not even that.
Page first_page(const std::string& file) {
  std::ifstream from(file, std::ios::binary);
  Page page(kHeaderBytes);
  const auto read = [&] {
    from.seekg(0).read(reinterpret_cast<char*>(page.data()), static_cast<std::streamsize>(page.size()));
    return static_cast<bool>(from);
  };
  if (!read()) return {};
  page.resize(page_format(page).bytes);
  return !page.empty() && read() ? page : Page{};
}

bool says_pages(const Page& page) {
  return number_at(page, kPagesAt) != 0 && number_at(page, kChangesAt) == number_at(page, kPagesAsOfAt);
}

// A first page that is whole says the truth; a number of pages that is too small would hide the others.
Result<void> check_header(const std::string& file, const Page& page, bool has_log) {
  if (page.empty()) return cannot_be_accepted(file, "its header cannot be read");
  const auto write = page[kWriteVersionAt], read = page[kReadVersionAt];
  if (write != read || (read != kRollback && read != kWal)) {
    return cannot_be_accepted(file, "its header cannot be right");
  }
  if (has_log || is_page_whole(page, 0) || !says_pages(page)) return {};
  if (number_at(page, kPagesAt) * std::uint64_t{page.size()} == bytes_of(file)) return {};
  return cannot_be_accepted(file, "its header does not fit its size");
}

std::string uri_of(const std::string& file, bool has_log) {
  std::string uri = "file:";
  for (const char c : file) {
    uri += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
  }
  return uri + (has_log ? "?mode=ro" : "?mode=ro&immutable=1");
}

// What every start reads first; through the system's own files, which check nothing.
constexpr const char* kNeeded =
    "SELECT count(*), max(length(sql)) FROM sqlite_schema; SELECT * FROM meta; SELECT * FROM event_type;"
    "SELECT * FROM endpoint; SELECT * FROM endpoint_pattern; SELECT * FROM subscription";

Result<void> check_needed(const std::string& file, bool has_log) {
  sqlite3* connection = nullptr;
  int code = sqlite3_open_v2(uri_of(file, has_log).c_str(), &connection,
                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> closing(connection, sqlite3_close_v2);
  if (code == SQLITE_OK) code = sqlite3_exec(connection, kNeeded, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return cannot_be_accepted(file, connection ? sqlite3_errmsg(connection) : sqlite3_errstr(code));
}

}  // namespace

Result<void> check_acceptable(const std::string& file) {
  const bool has_log = bytes_of(file + "-wal") != 0;
  EXPOSEE_TRY(check_header(file, first_page(file), has_log));
  return check_needed(file, has_log);
}

// What breaks the log says so itself; of pages, those whose checksums are right are as they were written, and SQLite cannot
// use them all the same.
Error with_way_out(Error error, const std::string& file) {
  if (error.code != ErrorCode::damaged) return error;
  const auto accept = accept_data_command(file);
  const bool helps = check_acceptable(file) && (error.hint.contains(accept) || has_wrong_pages(file));
  error.hint = helps ? "Restore a backup. If there is none, copy the directory first, and go on with what it holds: " +
                           accept + "."
                     : std::string(kRestore);
  return error;
}

}  // namespace exposee::store
