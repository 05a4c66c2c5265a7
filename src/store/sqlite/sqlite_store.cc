#include "store/sqlite/sqlite_store.h"

#include <algorithm>
#include <filesystem>

#include "core/assert.h"
#include "store/sqlite/lists/delivery_state.h"
#include "store/sqlite/lists/owed.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/rows/pack_rows.h"
#include "store/sqlite/rows/registry_rows.h"
#include "store/sqlite/rows/user_rows.h"
#include "store/sqlite/sqlite_reader.h"

namespace exposee::store {
namespace {

constexpr std::uint32_t kWriterCacheKib =
    4096;  // a large turn's changed pages, so that they are written once

// What a disk failed to take the kernel forgets: a second fsync would succeed and mean nothing. The log is
// kept, and a new start copies all of it again.
Error cannot_be_trusted(const std::string& file) {
  return {ErrorCode::unavailable, "The disk did not confirm what was written to the data file " + file + ".",
          "Check that disk: the server ends, and a new start reads everything again. Nothing that was acknowledged "
          "depends on it."};
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path,
                                                       const SqliteOptions& options) {
  auto directory = DataDirectory::open(path, options.wait_for_holder);
  if (!directory) return std::move(directory).error();
  const auto found = look_for_files(path + "/" + kDataFileName);
  EXPOSEE_TRY(check_files(found, directory->log_mark(), path + "/" + kDataFileName));
  auto file = directory->create_file(kDataFileName);
  if (!file) return std::move(file).error();
  auto marker = directory->log_marker(*file);
  auto db = Database::open(*file, {.durable = options.durable,
                                   .cache_kib = kWriterCacheKib,
                                   .troubles = options.troubles,
                                   .log = marker.get()});
  if (!db) return std::move(db).error();
  (*db)->keep_log();  // a start that is refused changes nothing
  EXPOSEE_TRY(check_log(**db, found, *file));
  EXPOSEE_TRY(check_decided(**db, path));
  EXPOSEE_TRY(marker->begin());
  EXPOSEE_TRY(migrate(**db));
  if (options.max_pages) EXPOSEE_TRY((*db)->set_max_pages(options.max_pages));
  // What an earlier process left in the log: written again, all of it, and synced, whatever the disk did
  // then.
  EXPOSEE_TRY(begin_use(**db));
  (*db)->keep_log(false);
  EXPOSEE_TRY(mend_meta(**db));
  EXPOSEE_TRY(mend_due_times(**db));
  auto log = LogKeeper::start(*file, options.durable);
  if (!log) return std::move(log).error();
  std::unique_ptr<SqliteStore> store(new SqliteStore(*std::move(directory), *std::move(file), std::move(marker),
                                                     *std::move(db), *std::move(log), options.troubles));
  EXPOSEE_TRY(store->note_restored());
  return store;
}

Result<void> SqliteStore::note_restored() {
  auto mark = backup_mark(*db_);
  if (!mark) return std::move(mark).error();
  restored_from_ = *mark;
  return *mark ? put_backup_mark(*db_, std::nullopt) : Result<void>{};
}

SqliteStore::SqliteStore(DataDirectory directory, std::string file, std::unique_ptr<LogMarker> marker,
                         std::unique_ptr<Database> db, std::unique_ptr<LogKeeper> log, RowTroubleSink* troubles)
    : directory_(std::move(directory)),
      file_(std::move(file)),
      marker_(std::move(marker)),
      db_(std::move(db)),
      log_(std::move(log)),
      troubles_(troubles),
      files_(directory_.file_ids()),
      names_(*db_),
      events_(*db_),
      attempts_(*db_),
      deliveries_(*db_),
      retention_(*db_) {}

SqliteStore::~SqliteStore() {
  if (db_->in_transaction()) rollback();
  const bool suspect = sync_fault_.load() != SyncFault::none || log_->sync_fault() != SyncFault::none;
  if (suspect || !end_use(*db_)) db_->keep_log();
}

bool SqliteStore::has_its_files() const {
  return directory_.file_ids() == files_;
}

bool SqliteStore::disk_failed() const {
  return sync_fault_.load() == SyncFault::broken || log_->sync_fault() == SyncFault::broken;
}

std::optional<SqliteStore::Sizes> SqliteStore::sizes() const {
  std::error_code fault, no_log;
  const auto database = std::filesystem::file_size(file_, fault);
  if (fault) return std::nullopt;
  const auto log = std::filesystem::file_size(file_ + "-wal", no_log);  // may not be there yet
  const auto space = std::filesystem::space(file_, fault);
  if (fault) return std::nullopt;
  return Sizes{database, no_log ? 0 : log, space.available};
}

Result<std::unique_ptr<Reader>> SqliteStore::open_reader() {
  return SqliteReader::open(file_, troubles_);
}

void SqliteStore::assert_writing() const {
  EXPOSEE_ASSERT(db_->in_transaction(), "writes happen inside a transaction, and none after one that failed");
}

// --- transactions ---------------------------------------------------------------------------------------

Result<StartState> SqliteStore::load_start() {
  return load_start_state(*db_);
}

Result<void> SqliteStore::begin(Durability durability) {
  EXPOSEE_ASSERT(!db_->in_transaction(), "one transaction at a time");
  EXPOSEE_TRY(see_to_disk());
  EXPOSEE_TRY(db_->sync_at_commit(durability == Durability::at_commit));
  return db_->query("BEGIN IMMEDIATE").run();
}

// What a disk had no room to sync the kernel has forgotten too, but the pages are still right in its memory and the
// disk is sound: once there is room, all of the log goes into the data file anew, and is synced there.
Result<void> SqliteStore::see_to_disk() {
  const auto fault = std::max(sync_fault_.load(), log_->take_sync_fault());
  if (fault == SyncFault::none) [[likely]]
    return {};
  sync_fault_ = fault;
  if (fault == SyncFault::broken) return cannot_be_trusted(file_);
  auto copied = db_->copy_log_anew();
  sync_fault_ = copied ? SyncFault::none : std::max(fault, db_->sync_fault());
  return copied;
}

Result<void> SqliteStore::commit() {
  assert_writing();
  auto committed = db_->query("COMMIT").run();
  if (committed) {
    log_->committed(*db_);
    return {};
  }
  const auto fault = std::max(sync_fault_.load(), db_->sync_fault());
  sync_fault_ = fault;
  return fault == SyncFault::broken ? cannot_be_trusted(file_) : committed;
}

// SQLite has rolled back by itself after some errors. What it cannot undo it does not keep either: a
// transaction whose COMMIT is missing from the log is never read.
void SqliteStore::rollback() {
  if (db_->in_transaction()) (void)db_->query("ROLLBACK").run();
  names_.forget();
  events_.forget();
  retention_.forget();
}

// --- writes ---------------------------------------------------------------------------------------------

Result<void> SqliteStore::add_events(std::span<const EventRef> events) {
  assert_writing();
  return events_.add(events);
}

Result<void> SqliteStore::add_attempts(std::span<const AttemptRow> attempts) {
  assert_writing();
  return attempts_.add(attempts);
}

Result<void> SqliteStore::put_deliveries(std::span<const DeliveryRow> rows) {
  assert_writing();
  return deliveries_.put(rows);
}

Result<void> SqliteStore::put_checkpoint(EventSeq checkpoint, std::span<const LaneMark> marks) {
  assert_writing();
  return put_lane_marks(*db_, checkpoint, marks);
}

Result<void> SqliteStore::remove_packs(std::span<const PackKey> packs) {
  assert_writing();
  return remove_pack_rows(*db_, packs);
}

Result<void> SqliteStore::put_packs(std::span<const BacklogPack> packs) {
  assert_writing();
  return put_pack_rows(*db_, packs);
}

Result<void> SqliteStore::put_version(RegistryVersion version) {
  assert_writing();
  return put_registry_version(*db_, version);
}

Result<void> SqliteStore::put_event_type(const EventType& type) {
  assert_writing();
  return put_type(*db_, type);
}

Result<void> SqliteStore::put_endpoint(const Endpoint& endpoint) {
  assert_writing();
  return put_endpoint_row(*db_, endpoint);
}

Result<void> SqliteStore::open_subscription(const Subscription& subscription) {
  assert_writing();
  return insert_subscription(*db_, subscription);
}

Result<void> SqliteStore::close_subscription(TypeNumber type, EndpointNumber endpoint,
                                             RegistryVersion until) {
  assert_writing();
  return close_open_subscription(*db_, type, endpoint, until);
}

Result<std::uint64_t> SqliteStore::cancel_pending(EndpointNumber endpoint, std::uint64_t limit, Instant now) {
  assert_writing();
  return cancel_pending_rows(*db_, endpoint, limit, now);
}

Result<void> SqliteStore::put_hold(const Hold& hold) {
  assert_writing();
  return put_hold_row(*db_, hold);
}

Result<bool> SqliteStore::add_user(const UserRow& user) {
  assert_writing();
  return insert_user(*db_, user);
}

Result<bool> SqliteStore::user_exists(std::string_view name) {
  return has_user(*db_, name);
}

Result<void> SqliteStore::add_message(const MessageRow& message) {
  assert_writing();
  return insert_message(*db_, message);
}

Result<std::optional<StoredReply>> SqliteStore::find_reply(std::string_view key) {
  return find_stored_reply(*db_, key);
}

Result<void> SqliteStore::put_reply(std::string_view key, const StoredReply& reply, Instant now) {
  assert_writing();
  return put_stored_reply(*db_, key, reply, now);
}

Result<Expired> SqliteStore::expire(Instant events_before, Instant replies_before, std::uint64_t limit) {
  assert_writing();
  return retention_.expire(events_before, replies_before, limit);
}

// --- reads ----------------------------------------------------------------------------------------------

Result<std::vector<EventSeq>> SqliteStore::load_pack(const PackKey& key, EventSeq last) {
  return events_of_pack(*db_, key, last);
}

Result<OwedPage> SqliteStore::load_owed(EndpointNumber endpoint, std::span<const EventSeq> events) {
  return owed_events(*db_, names_, endpoint, events);
}

Result<EventBatch> SqliteStore::load_events_after(EventSeq after, std::uint32_t max_events) {
  return events_after(*db_, names_, after, max_events);
}

Result<std::vector<DeliveryKey>> SqliteStore::load_touched_after(EventSeq after) {
  return touched_after(*db_, after);
}

Result<std::vector<EventRef>> SqliteStore::load_events(std::span<const EventSeq> seqs) {
  return events_of(*db_, names_, seqs);
}

Result<std::vector<DeliveryRow>> SqliteStore::load_pending(EndpointNumber endpoint, Instant after_due,
                                                           EventSeq after_event, std::uint32_t limit) {
  return pending_rows(*db_, endpoint, after_due, after_event, limit);
}

Result<std::vector<DeliveryRow>> SqliteStore::load_asked(EndpointNumber endpoint, Instant after_due,
                                                         EventSeq after_event, std::uint32_t limit) {
  return asked_rows(*db_, endpoint, after_due, after_event, limit);
}

Result<std::optional<DeliveryRow>> SqliteStore::find_delivery(const DeliveryKey& key) {
  auto state = find_state(*db_, key);
  if (!state) return std::move(state).error();
  if (!*state) return std::optional<DeliveryRow>{};
  return std::optional((*state)->row);
}

}  // namespace exposee::store
