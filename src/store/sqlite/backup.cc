#include "store/sqlite/backup.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

#include "core/text/fill_in.h"
#include "store/sqlite/acceptable.h"
#include "store/sqlite/file/data_directory.h"
#include "store/sqlite/file/file_state.h"
#include "store/sqlite/file/page_check.h"
#include "store/sqlite/lists/owed.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/rows/delivery_rows.h"
#include "store/sqlite/rows/pack_rows.h"
#include "store/sqlite/rows/registry_rows.h"
#include "store/sqlite/sqlite_error.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::store {
namespace {

constexpr std::string_view kPartial = "exposee.db.partial";  // until it is checked and on disk
constexpr std::uint32_t kScan = 10'000;                      // events looked at in one step
constexpr std::size_t kBytesAtOnce = 4u << 20;  // of bodies that come along and are of no use here

std::string data_file(const std::string& directory) {
  return directory + "/" + kDataFileName;
}

bool exists(const std::string& path) {
  struct stat there{};
  return ::stat(path.c_str(), &there) == 0;
}

// The file under its first name, with what SQLite puts beside it; gone unless it was kept.
class PartialFile {
 public:
  explicit PartialFile(std::string path) : path_(std::move(path)) {}
  ~PartialFile() {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) ::unlink((path_ + suffix).c_str());
  }
  PartialFile(const PartialFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Result<std::uint64_t> count(Database& db, std::string_view sql) {
  auto query = db.prepared(db.prepare(sql));
  const auto value = query.step() ? static_cast<std::uint64_t>(query.integer(0)) : 0;
  EXPOSEE_TRY(query.result());
  return value;
}

Result<void> check_integrity(Database& db) {
  auto query = db.query("PRAGMA integrity_check(1)");
  const auto words = query.step() ? query.text(0) : std::string{};
  EXPOSEE_TRY(query.result());
  if (words == "ok") return {};
  return Error{ErrorCode::internal, "The data is damaged, and so would be its copy: " + words + ".",
               "Keep an earlier backup."};
}

// Of the deliveries that have no row, page by page; those too whose events cannot be read now, for a start
// may mend why.
using TakeOwed = std::function<Result<void>(EndpointNumber endpoint, const std::vector<EventSeq>& events)>;

Result<void> each_owed_page(Database& db, TypeNames& names, EndpointNumber endpoint, EventSeq after,
                            const TakeOwed& take) {
  for (bool more = true; more;) {
    auto page = scan_owed(db, names, endpoint, after, kScan);
    if (!page) return std::move(page).error();
    EXPOSEE_TRY(take(endpoint, page->owed));
    more = page->more;
    after = page->scanned_to;
  }
  return {};
}

// Those behind the mark, where the other way of looking begins.
Result<void> each_owed_pack(Database& db, TypeNames& names, const StartState::Pack& pack, EventSeq mark,
                            const TakeOwed& take) {
  auto numbers = numbers_of_pack(db, pack.key, pack.last);
  if (!numbers) return std::move(numbers).error();
  auto& events = numbers->events;
  std::erase_if(events, [&](EventSeq event) { return event > mark; });
  for (std::span<const EventSeq> left(events); !left.empty();) {
    auto page = owed_events(db, names, pack.key.endpoint, left, kBytesAtOnce);
    if (!page) return std::move(page).error();
    left = left.subspan(page->looked_at);
    auto owed = std::move(page->unreadable);
    for (const auto& event : page->events) owed.push_back(event->seq);
    EXPOSEE_TRY(take(pack.key.endpoint, owed));
  }
  return {};
}

// Where the engine begins to look for what is owed to the endpoint; from the beginning where the mark is
// damaged (engine/mend.h).
EventSeq low_water(const StartState& start, EndpointNumber endpoint) {
  auto after = start.checkpoint(endpoint);
  for (const auto& mark : start.marks) {
    if (mark.endpoint == endpoint) after = mark.low_water;
  }
  return after > start.last_event ? EventSeq{} : after;
}

Result<void> each_owed(Database& db, const StartState& start, const TakeOwed& take) {
  TypeNames names(db);
  for (const auto& endpoint : start.endpoints) {
    if (endpoint.removed_at || endpoint.disabled_at) continue;
    const auto mark = low_water(start, endpoint.number);
    for (const auto& pack : std::ranges::equal_range(start.packs, endpoint.number, {},
                                                     [](const auto& pack) { return pack.key.endpoint; })) {
      EXPOSEE_TRY(each_owed_pack(db, names, pack, mark, take));
    }
    EXPOSEE_TRY(each_owed_page(db, names, endpoint.number, mark, take));
  }
  return {};
}

Result<std::uint64_t> count_owed(Database& db) {
  auto start = load_start_state(db);
  if (!start) return std::move(start).error();
  std::uint64_t pending = 0;
  for (const auto& rows : start->pending) pending += rows.count;
  EXPOSEE_TRY(each_owed(db, *start, [&](EndpointNumber, const auto& events) {
    pending += events.size();
    return Result<void>{};
  }));
  return pending;
}

// One that had succeeded before it was asked for once more has succeeded.
Result<std::uint64_t> cancel_rows(Database& db, Instant now) {
  auto query = db.query(
      "UPDATE delivery SET status = CASE once WHEN 1 THEN ?1 ELSE ?2 END, cause = CASE once WHEN 1 THEN 0 "
      "ELSE ?3 END,"
      " due = NULL, asked = 0, resumes_at = NULL, not_before = NULL, updated_at = ?4 WHERE status = ?5",
      DeliveryStatus::succeeded, DeliveryStatus::cancelled, Cause::backup, now, DeliveryStatus::pending);
  EXPOSEE_TRY(query.run());
  return db.changes();
}

Result<std::uint64_t> cancel_owed(Database& db, Instant now) {
  auto start = load_start_state(db);
  if (!start) return std::move(start).error();
  auto cancelled = cancel_rows(db, now);
  if (!cancelled) return cancelled;
  DeliveryPutter putter(db);
  EXPOSEE_TRY(each_owed(db, *start, [&](EndpointNumber endpoint, const auto& events) {
    std::vector<DeliveryRow> rows;
    for (const auto event : events) {
      rows.push_back({.key = {event, endpoint},
                      .status = DeliveryStatus::cancelled,
                      .cause = Cause::backup,
                      .updated_at = now});
    }
    *cancelled += rows.size();
    return putter.put(rows);
  }));
  EXPOSEE_TRY(db.query("DELETE FROM backlog_pack").run());
  return cancelled;
}

Result<std::uint64_t> decide(Database& db, const BackupMark& mark, PendingOfBackup choice, Instant now) {
  std::uint64_t pending = mark.pending;
  EXPOSEE_TRY(db.query("BEGIN IMMEDIATE").run());
  if (choice == PendingOfBackup::cancel) {
    auto cancelled = cancel_owed(db, now);
    if (!cancelled) return cancelled;
    pending = *cancelled;
  }
  EXPOSEE_TRY(put_backup_mark(db, std::nullopt));
  EXPOSEE_TRY(end_use(db));
  EXPOSEE_TRY(db.query("COMMIT").run());
  return pending;
}

// The directory's lock and its file, for a command that changes it.
struct OwnFile {
  DataDirectory directory;
  std::unique_ptr<LogMarker> marker;
  std::unique_ptr<Database> db;
  AcceptedData accepted;
};

// `as_it_is`: also when it is damaged.
Result<OwnFile> take_over(const std::string& path, bool as_it_is) {
  const auto file = data_file(path);
  if (!exists(file)) return Error{ErrorCode::not_found, "There is no data in " + path + ".", {}};
  auto directory = DataDirectory::open(path);
  if (!directory) return std::move(directory).error();
  const auto checked = check_files(look_for_files(file), directory->log_mark(), file);
  if (!checked && !(as_it_is && checked.error().code == ErrorCode::damaged)) return checked.error();
  if (as_it_is) EXPOSEE_TRY(check_acceptable(file));
  auto pages = as_it_is ? accept_pages(file) : Result<std::vector<std::uint64_t>>{};
  if (!pages) return std::move(pages).error();
  auto marker = directory->log_marker(file);
  auto db = Database::open(file, {.log = marker.get()});
  if (!db) return std::move(db).error();
  (*db)->keep_log();  // what is refused changes nothing
  return OwnFile{*std::move(directory),
                 std::move(marker),
                 *std::move(db),
                 {*std::move(pages), checked ? "" : checked.error().message}};
}

// Its log is in use, and merged when it is closed.
Result<void> begin_change(OwnFile& own) {
  EXPOSEE_TRY(own.marker->begin());
  EXPOSEE_TRY(migrate(*own.db));
  own.db->keep_log(false);
  return {};
}

// Of the copy, which is checked and marked as one. A transaction of its own each; then no log is needed.
Result<BackupReport> finish(const std::string& file, Instant now) {
  auto opened = Database::open(file, {});
  if (!opened) return std::move(opened).error();
  auto& db = **opened;
  EXPOSEE_TRY(check_schema(db));
  EXPOSEE_TRY(check_integrity(db));
  BackupReport report{.schema = migrations().size()};
  auto pending = count_owed(db);
  if (!pending) return std::move(pending).error();
  report.pending = *pending;
  auto events = count(db, "SELECT count(*) FROM event");
  if (!events) return std::move(events).error();
  report.events = *events;
  auto endpoints = count(db, "SELECT count(*) FROM endpoint WHERE removed_at IS NULL");
  if (!endpoints) return std::move(endpoints).error();
  report.endpoints = *endpoints;
  EXPOSEE_TRY(put_backup_mark(db, BackupMark{now, report.pending}));
  EXPOSEE_TRY(end_use(db));
  EXPOSEE_TRY(db.execute("PRAGMA journal_mode = DELETE"));
  return report;
}

// What SQLite puts beside a file at rest when it reads it, it takes away when the last connection closes that
// may write.
class LeftAsFound {
 public:
  explicit LeftAsFound(std::string file)
      : file_(std::move(file)), bare_(!exists(file_ + "-wal") && !exists(file_ + "-shm")) {}
  ~LeftAsFound() {
    // A log with something in it is that of a server which came meanwhile, and its matter.
    if (!bare_ || look_for_files(file_).log) return;
    sqlite3* connection = nullptr;
    const int code = sqlite3_open_v2(file_.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                     checked_files());
    if (code == SQLITE_OK) sqlite3_exec(connection, "SELECT 1 FROM sqlite_schema", nullptr, nullptr, nullptr);
    sqlite3_close_v2(connection);
  }
  LeftAsFound(const LeftAsFound&) = delete;

 private:
  const std::string file_;
  const bool bare_;
};

Result<void> copy_from(const std::string& directory, const std::string& file) {
  const auto source = data_file(directory);
  const LeftAsFound left(source);
  const auto found = look_for_files(source);
  EXPOSEE_TRY(check_files(found, DataDirectory::mark_at_rest(directory), source));
  auto db = Database::open(source, {.read_only = true});
  if (!db) return std::move(db).error();
  EXPOSEE_TRY(check_log(**db, found, source));
  EXPOSEE_TRY(check_schema(**db));
  return (*db)->copy_to(file);
}

Result<BackupReport> back_up_into(const DataDirectory& directory, const std::string& from, Instant now) {
  auto name = directory.create_file(std::string(kPartial));
  if (!name) return std::move(name).error();
  const PartialFile partial(*std::move(name));
  EXPOSEE_TRY(copy_from(from, partial.path()));
  auto report = finish(partial.path(), now);
  if (!report) return report;
  struct stat written{};
  if (::stat(partial.path().c_str(), &written) == 0)
    report->bytes = static_cast<std::uint64_t>(written.st_size);
  EXPOSEE_TRY(directory.rename_file(std::string(kPartial), kDataFileName));
  return report;
}

// In the words of a backup: the folder that it is written to is not a data directory yet.
Error of_destination(Error error, const std::string& to) {
  fill_in(error.message, "The data directory ", "The backup's directory ");
  fill_in(error.message, "the data directory ", "the backup's directory ");
  fill_in(error.message, "Cannot open the lock file " + to + "/lock", "Cannot write to " + to);
  fill_in(error.hint, "another data directory (--data, storage.path)", "another directory");
  if (error.code == ErrorCode::locked)
    error.hint = "Another backup perhaps: wait until it has ended, or choose another directory.";
  return error;
}

}  // namespace

Result<BackupReport> back_up(const std::string& from, const std::string& to, Instant now) {
  const auto source = data_file(from);
  if (!exists(source)) {
    if (errno == EACCES) {
      return Error{ErrorCode::internal, "The data in " + from + " cannot be read: Permission denied.",
                   "Run the backup as the user of the server."};
    }
    return Error{ErrorCode::not_found, "There is no data in " + from + ".",
                 "Name the data directory of the server (--data, storage.path)."};
  }
  if (exists(data_file(to)) || exists(data_file(to) + "-wal")) {
    return Error{ErrorCode::conflict, "There is data in " + to + " already, and a backup overwrites nothing.",
                 "Choose another directory."};
  }
  const auto directory = DataDirectory::open(to);
  if (!directory) return of_destination(directory.error(), to);
  auto report = back_up_into(*directory, from, now);
  if (report) return report;
  directory->take_back();
  return with_way_out(std::move(report).error(), source);
}

namespace {

Result<SettledBackup> settle(const std::string& path, PendingOfBackup choice, Instant now) {
  const auto found = look_for_files(data_file(path));
  auto own = take_over(path, false);
  if (!own) return std::move(own).error();
  auto& db = *own->db;
  EXPOSEE_TRY(check_log(db, found, data_file(path)));
  auto mark = backup_mark(db);
  if (!mark) return std::move(mark).error();
  if (!*mark) {
    return Error{ErrorCode::conflict,
                 "The data in " + path + " is not a backup, or it was decided on already.",
                 "Start the server on it."};
  }
  EXPOSEE_TRY(begin_change(*own));
  auto pending = decide(db, **mark, choice, now);
  if (!pending) return std::move(pending).error();
  return SettledBackup{(*mark)->taken_at, *pending};
}

}  // namespace

Result<SettledBackup> settle_backup(const std::string& path, PendingOfBackup choice, Instant now) {
  auto settled = settle(path, choice, now);
  if (settled) return settled;
  return with_way_out(std::move(settled).error(), data_file(path));
}

Result<AcceptedData> accept_data(const std::string& path) {
  const auto file = data_file(path);
  const auto found = look_for_files(file);
  auto own = take_over(path, true);
  if (!own) return std::move(own).error();
  EXPOSEE_TRY(check_decided(*own->db, path));
  const auto log = check_log(*own->db, found, file);
  if (!log && log.error().code == ErrorCode::not_found) own->accepted.log_lost = log.error().message;
  EXPOSEE_TRY(begin_change(*own));
  EXPOSEE_TRY(end_use(*own->db));
  return std::move(own->accepted);
}

}  // namespace exposee::store
