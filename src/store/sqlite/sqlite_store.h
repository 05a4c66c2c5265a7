// The durable store: one SQLite file in a data directory that no other process may use meanwhile. Implements
// the doors of ports/store.h. Owned by app/; the engine's thread alone calls Store, any thread opens readers,
// and they are gone before the store is. What the tables hold: migrations.cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "ports/disk_space.h"
#include "ports/store.h"
#include "store/sqlite/file/data_directory.h"
#include "store/sqlite/database.h"
#include "store/sqlite/file/file_state.h"
#include "store/sqlite/housekeeping/reply_retention.h"
#include "store/sqlite/housekeeping/retention.h"
#include "store/sqlite/log/log_keeper.h"
#include "store/sqlite/rows/attempt_rows.h"
#include "store/sqlite/rows/delivery_rows.h"
#include "store/sqlite/rows/event_rows.h"
#include "store/sqlite/rows/lane_marks.h"

namespace exposee::store {

struct SqliteOptions {
  bool durable = true;                 // false: no fsync; for the benchmark only
  WaitForHolder wait_for_holder = {};  // of the data directory
  std::uint32_t max_pages = 0;  // tests only: as if the disk were full beyond so many pages; 0: no limit
  RowTroubleSink* troubles = nullptr;  // told of rows that are damaged; outlives the store and its readers
  StoreChoreSink* chores = nullptr;    // told of what fails beside transactions; outlives the store
};

class SqliteStore final : public Store, public ReaderSource, public DiskSpace {
 public:
  // Makes the directory and the file if they are missing and brings an older file up to date. Errors: locked,
  // newer_schema, not_found (a file of the data is missing), undecided (a backup: backup.h), damaged, invalid
  // (not Exposee's data, not a directory), full, unavailable, internal.
  static Result<std::unique_ptr<SqliteStore>> open(const std::string& directory,
                                                   const SqliteOptions& options = {});

  ~SqliteStore() override;

  Result<void> set_max_pages(std::uint32_t pages) { return db_->set_max_pages(pages); }  // tests only

  // What this data was a backup of, at its first start alone; not when its pending deliveries were decided
  // on.
  const std::optional<BackupMark>& restored_from() const { return restored_from_; }

  // Whether the files that were opened still have their names; false: they were removed or replaced. Any
  // thread.
  bool has_its_files() const;

  // Whether a sync failed, other than for want of space: nothing is written any more, and only a new start,
  // which copies all of the log again, makes the file right (docs/decisions/0024). Any thread.
  bool disk_failed() const;

  // What the data takes, in bytes, and what its file system has left for who is not root. Nothing: the system
  // does not say. Any thread.
  struct Sizes {
    std::uint64_t database = 0, log = 0, free = 0;
  };
  std::optional<Sizes> sizes() const;

  std::optional<Room> room() const override;

  Result<std::unique_ptr<Reader>> open_reader() override;

  Result<StartState> load_start() override;
  Result<Found> look(const Lookups& lookups) override;
  Written write(const Turn& turn) override;
  Result<bool> settled(const TurnMarker& marker) override;
  Result<std::uint64_t> raise_epoch(std::uint64_t node) override;
  Result<std::uint64_t> cancel(NodeEpoch as, EndpointNumber endpoint, std::uint64_t limit,
                               Instant now) override;
  Result<Expired> expire(NodeEpoch as, Instant events_before, Instant replies_before,
                         std::uint64_t limit) override;
  Result<std::vector<EndpointNumber>> forget(NodeEpoch as,
                                             std::span<const EndpointNumber> endpoints) override;
  Result<EndedSubscriptions> forget_ended(NodeEpoch as, const SubscriptionKey& after,
                                          std::uint64_t limit) override;
  Result<std::vector<SiftedPack>> sift(NodeEpoch as, EndpointNumber endpoint,
                                       std::span<const PackStretch> packs) override;
  Result<EndedRows> end_unowed(NodeEpoch as, EndpointNumber endpoint, std::pair<Instant, EventSeq> after,
                               std::span<const EventSeq> under_way, std::uint32_t limit,
                               Instant now) override;

  Result<PackNumbers> load_pack(const PackKey& key, EventSeq last) override;
  Result<OwedPage> load_owed(EndpointNumber endpoint, std::span<const EventSeq> events,
                             std::size_t max_bytes) override;
  Result<EventBatch> load_events_after(EventSeq after, std::uint32_t max_events) override;
  Result<std::vector<DeliveryKey>> load_touched_after(EventSeq after) override;
  Result<EventsRead> load_events(std::span<const EventSeq> seqs, std::size_t max_bytes) override;
  Result<std::vector<DeliveryRow>> load_pending(EndpointNumber endpoint, Instant after_due,
                                                EventSeq after_event, std::uint32_t limit) override;
  Result<std::vector<DeliveryRow>> load_asked(EndpointNumber endpoint, Instant after_due,
                                              EventSeq after_event, std::uint32_t limit) override;

 private:
  static Result<std::unique_ptr<SqliteStore>> open_whole(const std::string& path, const SqliteOptions& options);
  struct Sinks {
    RowTroubleSink* troubles;
    StoreChoreSink* chores;
  };
  SqliteStore(DataDirectory directory, std::string file, std::unique_ptr<LogMarker> marker,
              std::unique_ptr<Database> db, std::unique_ptr<LogKeeper> log, const Sinks& sinks);
  Result<void> note_restored();
  Result<void> see_to_disk();
  bool merge_log();
  Result<void> begin(Durability durability);
  Result<void> commit();
  void rollback();
  Written write_once(const Turn& turn);
  bool see_to_damage(const Turn& turn);
  bool see_to_event_end();
  // The parts of a turn. The first: why it is refused.
  Result<Conflict> put(const Turn& turn, const std::vector<EventSeq>& gone);
  Result<Conflict> put_promises(const Turn& turn);
  Result<void> put_outcomes(const Turn& turn, const std::vector<EventSeq>& gone);
  Result<void> put_rows(std::span<const AttemptRow> attempts, std::span<const DeliveryRow> rows);
  Result<void> put_backlog(const Turn& turn);
  Result<void> put_registry(const RegistryChanges& changes);
  bool is_stale(NodeEpoch as) { return as.epoch != 0 && as.epoch != epochs_[as.node]; }
  Result<Conflict> conflict_of(const Turn& turn);
  template <class Kind>
  Result<Expired> expire_some(Kind& kind, Instant before, std::uint64_t limit);
  template <class Kind>
  Result<void> expire_once(Kind& kind, Instant before, std::uint64_t limit);
  // A transaction of its own, as steps of housekeeping are.
  template <class Work>
  auto in_one_step(Work&& work, Durability durability = Durability::with_next) -> decltype(work());
  template <class Work>
  auto in_step_of(NodeEpoch as, Work&& work) -> decltype(work()) {
    if (is_stale(as)) return stale_node();
    return in_one_step(work);
  }

  DataDirectory directory_;
  std::string file_;
  std::unique_ptr<LogMarker> marker_;  // ends once all below are closed
  std::unique_ptr<Database> db_;
  std::unique_ptr<LogKeeper> log_;
  const Sinks sinks_;
  std::optional<BackupMark> restored_from_;
  const std::optional<DataDirectory::FileIds> files_;  // as they were opened
  std::atomic<SyncFault> sync_fault_ = SyncFault::none;
  std::optional<RegistryVersion> version_;  // on disk; nothing: not read yet
  EventSeq last_event_, noted_event_;       // that was stored, with this transaction and before it; zero: not known
  std::map<std::uint64_t, std::uint64_t> epochs_;  // by node
  TypeNames names_;
  EventAppender events_;
  AttemptAppender attempts_;
  DeliveryPutter deliveries_;
  LaneMarks marks_;
  Retention retention_;
  ReplyRetention old_replies_;
};

}  // namespace exposee::store
