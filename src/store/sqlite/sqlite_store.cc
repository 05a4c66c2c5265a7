#include "store/sqlite/sqlite_store.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "core/assert.h"
#include "store/sqlite/acceptable.h"
#include "store/sqlite/lists/delivery_state.h"
#include "store/sqlite/lists/owed.h"
#include "store/sqlite/migrations.h"
#include "store/sqlite/rows/event_end.h"
#include "store/sqlite/rows/mark_rows.h"
#include "store/sqlite/rows/pack_rows.h"
#include "store/sqlite/rows/registry_mending.h"
#include "store/sqlite/rows/registry_rows.h"
#include "store/sqlite/rows/user_rows.h"
#include "store/sqlite/sqlite_error.h"
#include "store/sqlite/sqlite_reader.h"

namespace exposee::store {
namespace {

constexpr std::uint32_t kWriterCacheKib =
    4096;  // a large turn's changed pages, so that they are written once

// What a disk failed to take the kernel forgets: a second fsync would succeed and mean nothing. The log is
// kept, and a new start copies all of it again.
Error cannot_be_trusted(const std::string& file) {
  return {ErrorCode::unavailable, "The disk did not confirm what was written to the data file " + file + ".",
          "Check that disk: the server ends, and a new start reads everything again. Nothing that was "
          "acknowledged depends on it."};
}

// Rows of other events than these, which ascend.
template <class Row>
std::vector<Row> without(std::span<const Row> rows, const std::vector<EventSeq>& events) {
  std::vector<Row> others;
  std::ranges::copy_if(rows, std::back_inserter(others),
                       [&](const Row& row) { return !std::ranges::binary_search(events, row.key.event); });
  return others;
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path,
                                                       const SqliteOptions& options) {
  auto store = open_whole(path, options);
  if (store) return store;
  return with_way_out(std::move(store).error(), path + "/" + kDataFileName);
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open_whole(const std::string& path,
                                                             const SqliteOptions& options) {
  auto directory = DataDirectory::open(path, options.wait_for_holder);
  if (!directory) return std::move(directory).error();
  const auto found = look_for_files(path + "/" + kDataFileName);
  EXPOSEE_TRY(check_files(found, directory->log_mark(), path + "/" + kDataFileName));
  auto file = directory->create_file(kDataFileName);
  if (!file) return std::move(file).error();
  auto marker = directory->log_marker(*file, options.chores);
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
  EXPOSEE_TRY(mend_meta(**db));
  EXPOSEE_TRY(mend_subscriptions(**db));
  EXPOSEE_TRY(mend_shard_marks(**db));
  EXPOSEE_TRY(mend_due_times(**db));
  auto broken = broken_last_page(**db);
  if (!broken) return std::move(broken).error();
  auto last = last_event(**db);
  if (!last) return std::move(last).error();
  auto log = LogKeeper::start(*file, options.durable, options.chores);
  if (!log) return std::move(log).error();
  std::unique_ptr<SqliteStore> store(new SqliteStore(*std::move(directory), *std::move(file), std::move(marker),
                                                     *std::move(db), *std::move(log),
                                                     {options.troubles, options.chores}));
  store->db_->keep_log(false);  // from here on it ends as a store does
  if (*broken) store->events_.go_round((*broken)->page, (*broken)->accepted_at);
  store->last_event_ = store->noted_event_ = last->taken == last->named ? last->taken : EventSeq{};
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
                         std::unique_ptr<Database> db, std::unique_ptr<LogKeeper> log, const Sinks& sinks)
    : directory_(std::move(directory)),
      file_(std::move(file)),
      marker_(std::move(marker)),
      db_(std::move(db)),
      log_(std::move(log)),
      sinks_(sinks),
      files_(directory_.file_ids()),
      names_(*db_),
      events_(*db_),
      attempts_(*db_),
      deliveries_(*db_),
      marks_(*db_),
      retention_(*db_, marks_),
      old_replies_(*db_) {}

SqliteStore::~SqliteStore() {
  log_->stop();  // its last copy may fail, too
  const bool suspect = sync_fault_.load() != SyncFault::none || log_->sync_fault() != SyncFault::none;
  log_.reset();
  const bool merged = !suspect && merge_log();
  if (!merged) marker_->keep();
  // Files that were moved away take their log with them; what has its name now may be another's.
  if (!merged || !has_its_files()) db_->keep_log();
}

// False: the log stays as it is, and the next start copies it.
bool SqliteStore::merge_log() {
  auto ended = end_use(*db_);
  if (ended) {
    const auto log = db_->copy_log();
    if (log.failed && !log.busy) ended = db_->last_error();
  }
  ToldChore(StoreChore::log_end, sinks_.chores).note(ended);
  return ended.has_value();
}

// A file that cannot be looked at for once was not removed.
bool SqliteStore::has_its_files() const {
  const auto now = directory_.file_ids();
  return !now || !files_ || *now == *files_;
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

std::optional<DiskSpace::Room> SqliteStore::room() const {
  std::error_code fault;
  const auto space = std::filesystem::space(file_, fault);
  if (fault) return std::nullopt;
  return Room{space.available, space.capacity};
}

Result<std::unique_ptr<Reader>> SqliteStore::open_reader() {
  return SqliteReader::open(file_, sinks_.troubles);
}

// --- transactions ---------------------------------------------------------------------------------------

Result<StartState> SqliteStore::load_start() {
  auto state = load_start_state(*db_);
  if (state) version_ = state->version;
  return state;
}

Result<void> SqliteStore::begin(Durability durability) {
  EXPOSEE_ASSERT(!db_->in_transaction(), "one transaction at a time");
  EXPOSEE_TRY(see_to_disk());
  EXPOSEE_TRY(db_->sync_at_commit(durability == Durability::at_commit));
  return db_->query("BEGIN IMMEDIATE").run();
}

// What a disk had no room to sync the kernel has forgotten too, but the pages are still right in its memory
// and the disk is sound: once there is room, all of the log goes into the data file anew, and is synced
// there.
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
  auto committed = db_->query("COMMIT").run();
  if (committed) {
    log_->committed(*db_);
    events_.settle();
    marks_.settle();
    retention_.settle();
    noted_event_ = last_event_;
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
  marks_.forget();
  retention_.forget();
  last_event_ = noted_event_;
}

// --- a turn ---------------------------------------------------------------------------------------------

Result<Found> SqliteStore::look(const Lookups& lookups) {
  Found found;
  for (const auto key : lookups.keys) {
    auto reply = find_stored_reply(*db_, key);
    if (!reply) return std::move(reply).error();
    found.replies.push_back(*std::move(reply));
  }
  for (const auto& key : lookups.documents) {
    auto taken = has_document(*db_, key);
    if (!taken) return std::move(taken).error();
    found.documents.push_back(*taken);
  }
  for (const auto& key : lookups.deliveries) {
    auto state = find_state(*db_, names_, key);
    if (!state) return std::move(state).error();
    found.deliveries.push_back(*state ? std::optional((*state)->row) : std::nullopt);
  }
  return found;
}

// What met a page that can be done without is written once more.
Written SqliteStore::write(const Turn& turn) {
  if (turn.empty()) return {};
  auto written = write_once(turn);
  const bool may_go_on =
      written.end == WriteEnd::failed && !written.perhaps && is_of_one_place(written.error);
  return may_go_on && see_to_damage(turn) ? write_once(turn) : written;
}

Written SqliteStore::write_once(const Turn& turn) {
  auto gone = retention_.gone(turn);  // which may meet damage: SQLite writes nothing more in a transaction that has
  if (!gone) return Written::failed(std::move(gone).error());
  if (auto known = marks_.load(); !known) return Written::failed(std::move(known).error());
  if (auto begun = begin(turn.durability); !begun) return Written::failed(std::move(begun).error());
  auto conflict = put(turn, *gone);
  if (!conflict || *conflict != Conflict::none) {
    rollback();
    return conflict ? Written::refused(*conflict) : Written::failed(std::move(conflict).error());
  }
  if (auto committed = commit(); !committed) {
    rollback();
    return Written::failed(std::move(committed).error(), true);
  }
  if (turn.registry && turn.registry->version) version_ = turn.registry->version;
  return {};
}

bool SqliteStore::see_to_damage(const Turn& turn) {
  const bool marks = turn.checkpoint && marks_.see_to_damage();
  const bool end = !turn.events.empty() && see_to_event_end();
  return marks || end;
}

// A last page of events that breaks while the server runs: as at a start, those that come are put behind it.
bool SqliteStore::see_to_event_end() {
  const auto broken = broken_last_page(*db_);
  if (!broken || !*broken) return false;
  events_.go_round((*broken)->page, (*broken)->accepted_at);
  return true;
}

Result<Conflict> SqliteStore::put(const Turn& turn, const std::vector<EventSeq>& gone) {
  auto conflict = conflict_of(turn);
  if (!conflict || *conflict != Conflict::none) return conflict;
  EXPOSEE_TRY(put_outcomes(turn, gone));
  if (turn.registry) EXPOSEE_TRY(put_registry(*turn.registry));
  conflict = put_promises(turn);
  if (!conflict || *conflict != Conflict::none) return conflict;
  if (!turn.events.empty()) {
    EXPOSEE_TRY(events_.add(turn.events));
    last_event_ = turn.events.back()->seq;
  }
  EXPOSEE_TRY(put_backlog(turn));
  if (turn.marker.turn) EXPOSEE_TRY(put_marker(*db_, turn.marker, last_event_));
  return Conflict::none;
}

// Nobody else writes to the file, so the epochs are those that this process has raised, and the version is what it has
// written or read last.
Result<Conflict> SqliteStore::conflict_of(const Turn& turn) {
  const auto& fence = turn.fence;
  if (is_stale({turn.marker.node, fence.epoch})) return Conflict::stale_node;
  if (!fence.registry) return Conflict::none;
  if (!version_) {
    auto version = read_registry_version(*db_);
    if (!version) return std::move(version).error();
    version_ = *version;
  }
  return *fence.registry == *version_ ? Conflict::none : Conflict::stale_registry;
}

// What came of an event that retention has removed meanwhile goes with it.
Result<void> SqliteStore::put_outcomes(const Turn& turn, const std::vector<EventSeq>& gone) {
  EXPOSEE_TRY(gone.empty() ? put_rows(turn.attempts, turn.deliveries)
                           : put_rows(without(turn.attempts, gone), without(turn.deliveries, gone)));
  for (const auto& hold : turn.holds) EXPOSEE_TRY(put_hold_row(*db_, hold));
  for (const auto& row : turn.failing) EXPOSEE_TRY(put_failing_row(*db_, row));
  return {};
}

Result<void> SqliteStore::put_rows(std::span<const AttemptRow> attempts, std::span<const DeliveryRow> rows) {
  if (!attempts.empty()) EXPOSEE_TRY(attempts_.add(attempts));
  if (!rows.empty()) EXPOSEE_TRY(deliveries_.put(rows));
  return {};
}

Result<void> SqliteStore::put_backlog(const Turn& turn) {
  if (!turn.removed_packs.empty()) EXPOSEE_TRY(remove_pack_rows(*db_, turn.removed_packs));
  if (!turn.packs.empty()) {
    EXPOSEE_TRY(put_pack_rows(*db_, turn.packs));
    retention_.note_packed(turn.packs);
  }
  return turn.checkpoint ? marks_.put(*turn.checkpoint) : Result<void>{};
}

Result<void> SqliteStore::put_registry(const RegistryChanges& changes) {
  TypeNumber last_type;
  EndpointNumber last_endpoint;
  for (const auto& type : changes.types) {
    EXPOSEE_TRY(put_type(*db_, type));
    last_type = std::max(last_type, type.number);
  }
  for (const auto& endpoint : changes.endpoints) {
    EXPOSEE_TRY(put_endpoint_row(*db_, *endpoint));
    last_endpoint = std::max(last_endpoint, endpoint->number);
  }
  EXPOSEE_TRY(put_last_numbers(*db_, last_type, last_endpoint));
  for (const auto& subscription : changes.subscriptions) EXPOSEE_TRY(put_subscription(*db_, subscription));
  return changes.version ? put_registry_version(*db_, *changes.version) : Result<void>{};
}

Result<Conflict> SqliteStore::put_promises(const Turn& turn) {
  for (const auto& document : turn.documents) {
    auto added = insert_document(*db_, document);
    if (!added) return std::move(added).error();
    if (!*added) return Conflict::taken_document;
  }
  for (const auto& claim : turn.claims) {
    auto claimed = insert_stored_reply(*db_, claim.key, *claim.reply, turn.now);
    if (!claimed) return std::move(claimed).error();
    if (!*claimed) return Conflict::taken_key;
  }
  return Conflict::none;
}

Result<bool> SqliteStore::settled(const TurnMarker& marker) {
  return has_marker(*db_, marker);
}

// --- reads ----------------------------------------------------------------------------------------------

Result<PackNumbers> SqliteStore::load_pack(const PackKey& key, EventSeq last) {
  return numbers_of_pack(*db_, key, last);
}

Result<OwedPage> SqliteStore::load_owed(EndpointNumber endpoint, std::span<const EventSeq> events,
                                        std::size_t max_bytes) {
  return owed_events(*db_, names_, endpoint, events, max_bytes);
}

Result<EventBatch> SqliteStore::load_events_after(EventSeq after, std::uint32_t max_events) {
  return events_after(*db_, names_, after, max_events);
}

Result<std::vector<DeliveryKey>> SqliteStore::load_touched_after(EventSeq after) {
  return touched_after(*db_, after);
}

Result<EventsRead> SqliteStore::load_events(std::span<const EventSeq> seqs, std::size_t max_bytes) {
  return events_of(*db_, names_, seqs, max_bytes);
}

Result<std::vector<DeliveryRow>> SqliteStore::load_pending(EndpointNumber endpoint, Instant after_due,
                                                           EventSeq after_event, std::uint32_t limit) {
  return pending_rows(*db_, endpoint, after_due, after_event, limit);
}

Result<std::vector<DeliveryRow>> SqliteStore::load_asked(EndpointNumber endpoint, Instant after_due,
                                                         EventSeq after_event, std::uint32_t limit) {
  return asked_rows(*db_, endpoint, after_due, after_event, limit);
}

}  // namespace exposee::store
