// One SQLite connection: opened with the settings that database.cc gives reasons for, statements prepared
// once and kept, errors as values. Owned by the store (the writer's) or a reader (its own); one thread at a
// time.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/ids.h"
#include "core/result.h"
#include "core/time.h"
#include "ports/row_trouble.h"
#include "store/sqlite/file/checked_files.h"
#include "store/sqlite/file/page_check.h"

namespace exposee::store {

class Database;

// What a disk did not take when it was told to bring its files down. Ascending in what has to follow: one that lacked
// space (or quota) can be filled again; one that failed may have lost what it had.
enum class SyncFault : std::uint8_t { none, no_space, broken };

SyncFault fault_of(const Result<void>& sync);

// Bounds of what is stored. Later times cannot be shown (their year has five digits), and longer spans were
// never measured; a smaller bound than the type's keeps sums of them within it.
inline constexpr std::int64_t kLastStoredMicros = 221'845'392'000'000'000;  // the year 9000
inline constexpr std::int64_t kLongestStoredMicros = std::int64_t{1} << 53;
inline constexpr std::int64_t kLastStoredNumber = std::numeric_limits<std::int64_t>::max();

// Bytes bound as a BLOB; a plain string_view is bound as TEXT.
struct Blob {
  std::string_view bytes;
};
inline Blob blob_of(const Bits128& bits) {
  return {{reinterpret_cast<const char*>(bits.data()), bits.size()}};
}

inline Blob blob_of(std::string_view bytes) {
  return {bytes};
}

// A statement that was put together. Lives as long as the process, for it is kept by its address.
struct MadeSql {
  std::string text;
};

// One run of a prepared statement. Bound text is not copied: it must live as long as the Query. Going out of
// scope gives the statement back to its connection, which holds every statement once: no two runs of one may
// overlap.
//
//   auto query = db.query("SELECT name FROM event_type WHERE number = ?1", number);
//   while (query.step()) use(query.text(0));
//   EXPOSEE_TRY(query.result());
class Query {
 public:
  Query(Database& db, sqlite3_stmt* statement) : db_(&db), statement_(statement) {}
  ~Query() { release(); }
  Query(Query&& other) noexcept
      : db_(other.db_),
        statement_(std::exchange(other.statement_, nullptr)),
        error_(std::move(other.error_)),
        code_(other.code_),
        fault_(other.fault_),
        keeps_(other.keeps_) {}
  Query& operator=(Query&& other) noexcept;
  Query(const Query&) = delete;

  // Parameters from 1.
  void bind(int at, std::int64_t value) { sqlite3_bind_int64(statement_, at, value); }
  void bind(int at, std::string_view text);
  void bind_copy(int at, std::string_view text);  // which may go before the Query does
  void bind(int at, Blob blob);
  void bind(int at, Instant value) { bind(at, to_micros(value)); }
  void bind(int at, std::chrono::milliseconds value) { bind(at, std::int64_t{value.count()}); }
  template <class Tag>
  void bind(int at, Number<Tag> value) {
    bind(at, static_cast<std::int64_t>(value.value));
  }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void bind(int at, T value) {
    bind(at, static_cast<std::int64_t>(value));
  }
  template <class T>
  void bind(int at, const std::optional<T>& value) {
    value ? bind(at, *value) : void(sqlite3_bind_null(statement_, at));
  }

  // Whoever runs the statement binds all of its parameters, so that none needs to be NULL by then.
  void keep_bindings() { keeps_ = true; }

  bool step();            // true: a row is there; false: at the end, or failed
  Result<void> result();  // after the last step()
  // That failed because something in the file cannot be read: it is damaged, or the disk refuses. What lies elsewhere
  // in it may be read all the same.
  bool is_unreadable() const;
  Result<void> run() {    // for statements without rows
    step();
    return result();
  }

  // Columns of the current row, from 0. Whatever a disk or a hand has put there, each gives a value of its
  // kind: one of another type or out of bounds reads as zero or empty, and the row has a fault from then on.
  // NULL is zero or empty, without a fault.
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const;
  std::int64_t integer(int column, std::int64_t least, std::int64_t most) const;
  // Nothing of NULL, and of what is not within the bounds.
  std::optional<std::int64_t> maybe_integer(int column, std::int64_t least, std::int64_t most) const;
  bool flag(int column) const { return integer(column) != 0; }
  std::string_view view(int column) const;  // text or blob as it is; valid until the next step()
  std::string bytes(int column) const { return std::string(view(column)); }
  std::string text(int column) const;  // valid UTF-8
  Instant instant(int column) const { return from_micros(integer(column, 0, kLastStoredMicros)); }
  std::optional<Instant> maybe_instant(int column) const {
    return is_null(column) ? std::nullopt : std::optional(instant(column));
  }
  Duration span(int column) const { return Duration{integer(column, 0, kLongestStoredMicros)}; }
  Bits128 bits(int column) const;
  template <class N>
  N number(int column) const {
    return N{static_cast<std::uint64_t>(integer(column, 0, kLastStoredNumber))};
  }
  template <std::unsigned_integral T>
  T as(int column) const {
    constexpr auto kMost = std::min<std::uint64_t>(std::numeric_limits<T>::max(), kLastStoredNumber);
    return static_cast<T>(integer(column, 0, static_cast<std::int64_t>(kMost)));
  }
  // A value of an enumeration whose greatest one is `last`.
  template <class Enum>
  Enum one_of(int column, Enum last) const {
    return static_cast<Enum>(integer(column, 0, static_cast<std::int64_t>(last)));
  }

  bool has_fault() const { return fault_ >= 0; }  // of the current row
  void fault(int column) const { fault_ = fault_ < 0 ? column : fault_; }
  // Tells the row's fault, if it has one. `what_then`: what becomes of what the row stands for.
  template <class... Keys>
  void tell_fault(std::string_view table, std::string_view what_then, Keys... key) const {
    if (has_fault()) [[unlikely]]
      tell_fault(table, what_then, {static_cast<std::uint64_t>(key)...});
  }

 private:
  void release();
  void tell_fault(std::string_view table, std::string_view what_then,
                  std::initializer_list<std::uint64_t> key) const;

  Database* db_;
  sqlite3_stmt* statement_;
  std::optional<Error> error_;
  int code_ = SQLITE_OK;    // of the error, SQLite's
  mutable int fault_ = -1;  // the first column of the row that does not hold what it should; -1: none
  bool keeps_ = false;
};

struct DatabaseOptions {
  bool read_only = false;
  bool durable = true;                 // false: synchronous=OFF, for the benchmark only
  std::uint32_t cache_kib = 0;         // most that the connection's page cache takes
  std::uint32_t max_pages = 0;         // tests only: the file grows no further; 0: no limit
  RowTroubleSink* troubles = nullptr;  // outlives the connection; null: not reported
  LogSyncSink* log = nullptr;          // likewise
};

class Database {
 public:
  // Error: full, unavailable, internal (not a database).
  static Result<std::unique_ptr<Database>> open(const std::string& path, const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // `sql` is a literal: statements are kept by its address. A failure to prepare shows in step() and
  // result().
  template <std::size_t N, class... Args>
  Query query(const char (&sql)[N], const Args&... args) {
    Query query(*this, cached(sql));
    [[maybe_unused]] int at = 0;
    (query.bind(++at, args), ...);
    return query;
  }
  template <class... Args>
  Query query(const MadeSql& sql, const Args&... args) {
    Query query(*this, cached(sql.text.c_str()));
    [[maybe_unused]] int at = 0;
    (query.bind(++at, args), ...);
    return query;
  }
  Query prepared(sqlite3_stmt* statement) { return Query(*this, statement); }
  // Kept until the connection closes. Null: failed, last_error() says why.
  sqlite3_stmt* prepare(std::string_view sql);

  Result<void> execute(const std::string& sql);  // one or more statements without rows
  Result<void> set_max_pages(std::uint32_t pages);
  bool in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }
  std::uint64_t changes() const { return static_cast<std::uint64_t>(sqlite3_changes64(connection_)); }
  std::int64_t total_changes() const { return sqlite3_total_changes64(connection_); }  // since it was opened
  std::int64_t last_rowid() const { return sqlite3_last_insert_rowid(connection_); }   // of an insert
  Error last_error() const;
  void tell(const RowTrouble& trouble) const {
    if (watch_.troubles) watch_.troubles->row_in_trouble(trouble);
  }
  SyncFault sync_fault() const;  // of the last call

  // Whether a commit waits until it is on disk (synchronous=FULL); outside transactions. A connection that is
  // not durable never does.
  Result<void> sync_at_commit(bool wanted);

  // The pages of the data file, counted from 1.
  std::uint64_t unread_page() const { return watch_.unread_page; }  // that could not be read last; 0: none
  std::uint64_t pages_read() const { return watch_.pages_read; }    // from the file or its log
  std::uint32_t usable_page_bytes();                                // 0: it is not known
  // Outside transactions: what is read from now on is read from the file or its log. No page is
  // unread_page().
  void forget_pages();
  // Wherever that page is read from now on and cannot be, these bytes are read in its place. See
  // ShownInstead.
  void read_instead(std::uint64_t page, std::vector<unsigned char> bytes);
  void read_as_it_is();  // again

  // The write-ahead log. Nothing copies it by itself: LogKeeper does.
  struct LogCopy {
    int frames = 0, copied = 0;  // frames in the log; those of them that the data file has as well
    bool failed = false;
    bool busy = false;  // it failed because another connection copies
  };
  int log_frames() const { return log_frames_; }  // after the last commit of this connection
  // As much as no reader needs in the log. The data file is then to be synced: SQLite does so only when
  // nothing was committed meanwhile.
  LogCopy copy_log();
  Result<void> sync_file();
  // Everything, and begins it anew; less while another process reads the file. Error: the disk does not take
  // it.
  Result<void> empty_log();
  // Also what counts as copied already, and syncs it; the next commit begins the log anew. Error: also while somebody
  // reads.
  Result<void> copy_log_anew();
  // Of everything, as of one moment, into an empty file. Error: full, unavailable, internal.
  Result<void> copy_to(const std::string& file);
  // Whether the log stays when the last connection closes: the next start is then to copy it.
  void keep_log(bool wanted = true);

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

  Database(sqlite3* connection, std::string path) : connection_(connection), path_(std::move(path)) {}
  Result<void> configure(const DatabaseOptions& options);
  Result<void> enter_wal();
  Result<void> forget_copied();
  void make_room_for_checksums();
  bool is_new() const;
  Result<PageFormat> page_format_now();
  Result<void> check_pages();
  sqlite3_stmt* cached(const char* sql);

  sqlite3* connection_;
  std::string path_;
  int log_frames_ = 0;
  FileWatch watch_;
  bool durable_ = true;
  bool syncs_at_commit_ = false;
  std::unordered_map<const char*, Statement> by_literal_;
  std::vector<Statement> prepared_;
};

// While it lives, these bytes are read in the place of a page that cannot be.
class ShownInstead {
 public:
  ShownInstead(Database& db, std::uint64_t page, std::vector<unsigned char> bytes) : db_(db) {
    db_.read_instead(page, std::move(bytes));
  }
  ~ShownInstead() { db_.read_as_it_is(); }
  ShownInstead(const ShownInstead&) = delete;

 private:
  Database& db_;
};

// Holds one snapshot over several reads; ends with its scope.
class Snapshot {
 public:
  explicit Snapshot(Database& db) : db_(db) {}
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Result<void> begin();

 private:
  Database& db_;
  bool open_ = false;
};

}  // namespace exposee::store
