#include "store/sqlite/database.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "core/assert.h"
#include "core/text/text.h"
#include "store/sqlite/sqlite_error.h"

namespace exposee::store {
namespace {

constexpr int kBusyTimeoutMs = 1000;  // another process may look at the file (a backup, the sqlite3 shell)
// A log that a slow reader made grow is cut back to this.
constexpr std::int64_t kWalKeepBytes = 64 * 1024 * 1024;

// SQLite counts its memory under a lock on every allocation, and the count is not read.
void initialize_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
  });
}

sqlite3_file* file_of(sqlite3* connection, int which) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection, nullptr, which, &file);
  return file;
}

// The number of the system call that failed last on a file; 0: none did.
int last_errno(sqlite3_file* file) {
  int number = 0;
  if (file && file->pMethods) file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number);
  return number;
}

// Errors of a write or a sync come without their number, or with that of a later call; the file, the log first, still
// knows it.
int system_errno_of(sqlite3* connection, int code) {
  const int told = sqlite3_system_errno(connection);
  if ((code & 0xFF) != SQLITE_IOERR || (told != 0 && code != SQLITE_IOERR_FSYNC)) return told;
  const int of_log = last_errno(file_of(connection, SQLITE_FCNTL_JOURNAL_POINTER));
  const int known = of_log != 0 ? of_log : last_errno(file_of(connection, SQLITE_FCNTL_FILE_POINTER));
  return known != 0 ? known : told;
}

SyncFault fault_of(int system_errno) {
  return lacks_space(system_errno) ? SyncFault::no_space : SyncFault::broken;
}

// Bytes of a text that is bound: null would bind NULL.
const char* bytes_of(std::string_view text) {
  return text.data() ? text.data() : "";
}

}  // namespace

SyncFault fault_of(const Result<void>& sync) {
  if (sync) return SyncFault::none;
  return sync.error().code == ErrorCode::full ? SyncFault::no_space : SyncFault::broken;
}

// --- Query ----------------------------------------------------------------------------------------------

Query& Query::operator=(Query&& other) noexcept {
  release();
  db_ = other.db_;
  statement_ = std::exchange(other.statement_, nullptr);
  error_ = std::move(other.error_);
  code_ = other.code_;
  fault_ = other.fault_;
  keeps_ = other.keeps_;
  return *this;
}

void Query::release() {
  if (!statement_) return;
  sqlite3_reset(statement_);
  if (!keeps_) sqlite3_clear_bindings(statement_);
}

void Query::bind(int at, std::string_view text) {
  sqlite3_bind_text64(statement_, at, bytes_of(text), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Query::bind_copy(int at, std::string_view text) {
  sqlite3_bind_text64(statement_, at, bytes_of(text), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Query::bind(int at, Blob blob) {
  sqlite3_bind_blob64(statement_, at, bytes_of(blob.bytes), blob.bytes.size(), SQLITE_STATIC);
}

bool Query::step() {
  fault_ = -1;
  if (error_) return false;
  const int code = statement_ ? sqlite3_step(statement_) : SQLITE_ERROR;
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) error_ = db_->last_error(), code_ = code;
  return false;
}

bool Query::is_unreadable() const {
  return code_ == SQLITE_IOERR_READ || code_ == SQLITE_IOERR_SHORT_READ || (code_ & 0xFF) == SQLITE_CORRUPT;
}

Result<void> Query::result() {
  if (error_) return *error_;
  return {};
}

std::int64_t Query::integer(int column) const {
  const int type = sqlite3_column_type(statement_, column);
  if (type == SQLITE_INTEGER) return sqlite3_column_int64(statement_, column);
  if (type != SQLITE_NULL) fault(column);
  return 0;
}

std::int64_t Query::integer(int column, std::int64_t least, std::int64_t most) const {
  const auto value = integer(column);
  if (value >= least && value <= most) return value;
  fault(column);
  return std::max<std::int64_t>(least, 0);
}

std::optional<std::int64_t> Query::maybe_integer(int column, std::int64_t least, std::int64_t most) const {
  const int type = sqlite3_column_type(statement_, column);
  const auto value = sqlite3_column_int64(statement_, column);
  if (type == SQLITE_INTEGER && value >= least && value <= most) return value;
  if (type != SQLITE_NULL) fault(column);
  return std::nullopt;
}

std::string_view Query::view(int column) const {
  const int type = sqlite3_column_type(statement_, column);
  if (type != SQLITE_TEXT && type != SQLITE_BLOB) {
    if (type != SQLITE_NULL) fault(column);
    return {};
  }
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string Query::text(int column) const {
  const auto text = view(column);
  if (is_valid_utf8(text)) [[likely]]
    return std::string(text);
  fault(column);
  return repaired_utf8(text);
}

Bits128 Query::bits(int column) const {
  Bits128 bits{};
  const auto bytes = view(column);
  if (bytes.size() == bits.size()) {
    std::copy(bytes.begin(), bytes.end(), bits.begin());
  } else {
    fault(column);
  }
  return bits;
}

void Query::tell_fault(std::string_view table, std::string_view what_then,
                       std::initializer_list<std::uint64_t> key) const {
  std::string row;
  for (const auto part : key) {
    if (!row.empty()) row += ' ';
    row += std::to_string(part);
  }
  const std::string column = sqlite3_column_name(statement_, fault_);
  db_->tell({std::string(table), row,
             "its column '" + column + "' does not hold what was written there; " + std::string(what_then)});
}

// --- Database -------------------------------------------------------------------------------------------

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const DatabaseOptions& options) {
  initialize_library();
  const int mode = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection,
                                   mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, checked_files());
  EXPOSEE_ASSERT(connection, "there is memory for a connection");
  std::unique_ptr<Database> db(new Database(connection, path));
  if (code != SQLITE_OK) return db->last_error();
  db->keep_log();  // what cannot be opened is left as it was found: its log, too
  EXPOSEE_TRY(db->configure(options));
  db->keep_log(false);
  return db;
}

Database::~Database() {
  by_literal_.clear();
  prepared_.clear();
  sqlite3_close_v2(connection_);
}

Result<void> Database::configure(const DatabaseOptions& options) {
  watch_ = {.troubles = options.troubles, .log = options.log};
  watch_files(connection_, watch_);
  if (!options.read_only) make_room_for_checksums();
  if (!options.read_only && is_new()) stamp_all_pages(connection_);
  sqlite3_busy_timeout(connection_, kBusyTimeoutMs);
  // secure_delete: Debian's build overwrites every freed byte, a second write of everything that retention
  // removes.
  EXPOSEE_TRY(
      execute("PRAGMA trusted_schema = OFF; PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY;"
              "PRAGMA cache_size = -" +
              std::to_string(options.cache_kib)));
  if (options.read_only) return execute("PRAGMA query_only = ON");
  EXPOSEE_TRY(enter_wal());
  durable_ = options.durable;
  EXPOSEE_TRY(durable_ ? sync_at_commit(true) : execute("PRAGMA synchronous = OFF"));
  // In the place of SQLite's own hook, which copies the log within a commit.
  sqlite3_wal_hook(
      connection_,
      [](void* frames, sqlite3*, const char*, int count) {
        *static_cast<int*>(frames) = count;
        return SQLITE_OK;
      },
      &log_frames_);
  EXPOSEE_TRY(execute("PRAGMA journal_size_limit = " + std::to_string(kWalKeepBytes)));
  return options.max_pages ? set_max_pages(options.max_pages) : Result<void>{};
}

// In a file that is new, or is written anew as a whole.
void Database::make_room_for_checksums() {
  int reserved = kPageCheckBytes;
  sqlite3_file_control(connection_, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
}

// Never through a descriptor of its own: to close one gives back every lock that this process has on the file.
Result<PageFormat> Database::page_format_now() {
  std::array<unsigned char, kHeaderBytes> begin{};
  auto* file = file_of(connection_, SQLITE_FCNTL_FILE_POINTER);
  const int code = file->pMethods->xRead(file, begin.data(), kHeaderBytes, 0);
  const auto format = page_format(begin);
  if (code == SQLITE_OK && format.bytes != 0) return format;
  return sqlite_error(code == SQLITE_OK ? SQLITE_NOTADB : code, last_errno(file), "its header cannot be read", path_);
}

std::uint32_t Database::usable_page_bytes() {
  auto bytes = query("SELECT page_size FROM pragma_page_size");
  return bytes.step() ? bytes.as<std::uint32_t>(0) - kPageCheckBytes : 0;
}

void Database::read_instead(std::uint64_t page, std::vector<unsigned char> bytes) {
  watch_.instead = {page, std::move(bytes)};
}

// SQLite keeps what it has read, unless it is asked to do without.
void Database::read_as_it_is() {
  watch_.instead = {};
  forget_pages();
}

void Database::forget_pages() {
  watch_.unread_page = 0;
  sqlite3_db_release_memory(connection_);
}

bool Database::is_new() const {
  auto* file = file_of(connection_, SQLITE_FCNTL_FILE_POINTER);
  sqlite3_int64 bytes = 0;
  return file && file->pMethods && file->pMethods->xFileSize(file, &bytes) == SQLITE_OK && bytes == 0;
}

Result<void> Database::sync_at_commit(bool wanted) {
  if (!durable_ || wanted == syncs_at_commit_) return {};
  EXPOSEE_TRY(execute(wanted ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
  syncs_at_commit_ = wanted;
  return {};
}

Result<void> Database::enter_wal() {
  auto query = prepared(prepare("PRAGMA journal_mode = WAL"));
  const bool entered = query.step() && query.view(0) == "wal";
  EXPOSEE_TRY(query.result());
  if (entered) return {};
  return Error{ErrorCode::unavailable, "The file system of " + path_ + " does not allow a write-ahead log.",
               "Put the data directory on a local disk."};
}

Result<void> Database::set_max_pages(std::uint32_t pages) {
  return execute("PRAGMA max_page_count = " + std::to_string(pages));
}

Result<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return last_error();
}

sqlite3_stmt* Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                     &statement, nullptr);
  if (statement) prepared_.emplace_back(statement);
  return statement;
}

sqlite3_stmt* Database::cached(const char* sql) {
  auto& kept = by_literal_[sql];
  if (!kept) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    kept.reset(statement);
  }
  EXPOSEE_ASSERT(!kept || !sqlite3_stmt_busy(kept.get()), "a statement runs once at a time");
  return kept.get();
}

Error Database::last_error() const {
  const int code = sqlite3_extended_errcode(connection_);
  return sqlite_error(code, system_errno_of(connection_, code), sqlite3_errmsg(connection_), path_);
}

Database::LogCopy Database::copy_log() {
  LogCopy log;
  const int code =
      sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &log.frames, &log.copied);
  log.failed = code != SQLITE_OK;
  log.busy = (code & 0xFF) == SQLITE_BUSY;
  return log;
}

Result<void> Database::sync_file() {
  if (!durable_) return {};
  auto* file = file_of(connection_, SQLITE_FCNTL_FILE_POINTER);
  const int code = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
  if (code == SQLITE_OK) return {};
  return sqlite_error(code, last_errno(file), sqlite3_errstr(code), path_);
}

Result<void> Database::empty_log() {
  const int code =
      sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK && code != SQLITE_BUSY) return last_error();
  return {};
}

Result<void> Database::copy_to(const std::string& file) {
  sqlite3* connection = nullptr;
  const int opened =
      sqlite3_open_v2(file.c_str(), &connection,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, checked_files());
  EXPOSEE_ASSERT(connection, "there is memory for a connection");
  Database copy(connection, file);
  if (opened != SQLITE_OK) return copy.last_error();
  auto format = page_format_now();
  if (!format) return std::move(format).error();
  if (format->checked) stamp_all_pages(connection);  // the pages from the log have none, and page 1 is written last
  EXPOSEE_TRY(
      copy.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"));  // synced as a whole later
  sqlite3_backup* backup = sqlite3_backup_init(connection, "main", connection_, "main");
  if (!backup) return copy.last_error();
  const int code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (code == SQLITE_DONE) return copy.check_pages();
  return sqlite_error(code, system_errno_of(connection, code), sqlite3_errstr(code), file);
}

// The index of the log, which all connections share, begins with two headers of 48 bytes; then comes how many frames
// the data file has (https://sqlite.org/walformat.html, section 2.2).
Result<void> Database::forget_copied() {
  constexpr int kIndexBytes = 32'768, kCopyLock = 1;
  constexpr std::size_t kCopiedAt = 2 * 48 / sizeof(std::uint32_t);
  auto* file = file_of(connection_, SQLITE_FCNTL_FILE_POINTER);
  const auto& does = *file->pMethods;
  void volatile* index = nullptr;
  int code = does.xShmMap(file, 0, kIndexBytes, 0, &index);
  if (code == SQLITE_OK) code = does.xShmLock(file, kCopyLock, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
  if (code != SQLITE_OK) return sqlite_error(code, 0, sqlite3_errstr(code), path_);
  if (index) static_cast<std::uint32_t volatile*>(index)[kCopiedAt] = 0;
  does.xShmLock(file, kCopyLock, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
  return {};
}

// The log stays as it is until the next commit writes over it: while a file is in use, its log is never empty
// (file_state.h).
Result<void> Database::copy_log_anew() {
  EXPOSEE_TRY(forget_copied());
  const int code =
      sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  if (code != SQLITE_OK) return last_error();
  return {};
}

// A file of an earlier version has no room for checksums; as a whole, it is written with them.
Result<void> Database::check_pages() {
  auto format = page_format_now();
  if (!format) return std::move(format).error();
  if (format->checked) return {};
  make_room_for_checksums();
  stamp_all_pages(connection_);
  return execute("VACUUM");
}

void Database::keep_log(bool wanted) {
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, wanted ? 1 : 0, nullptr);
}

SyncFault Database::sync_fault() const {
  const int code = sqlite3_extended_errcode(connection_);
  if (code != SQLITE_IOERR_FSYNC && code != SQLITE_IOERR_DIR_FSYNC) return SyncFault::none;
  return fault_of(system_errno_of(connection_, code));
}

// --- Snapshot -------------------------------------------------------------------------------------------

Result<void> Snapshot::begin() {
  EXPOSEE_TRY(db_.query("BEGIN").run());
  open_ = true;
  return {};
}

Snapshot::~Snapshot() {
  if (open_) (void)db_.query("COMMIT").run();  // nothing was written: there is nothing to lose
}

}  // namespace exposee::store
