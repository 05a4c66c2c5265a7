#include "store/sqlite/sqlite_reader.h"

#include "store/sqlite/lists/delivery_list.h"
#include "store/sqlite/lists/delivery_state.h"
#include "store/sqlite/lists/event_list.h"
#include "store/sqlite/lists/owed.h"
#include "store/sqlite/rows/attempt_rows.h"
#include "store/sqlite/rows/delivery_rows.h"
#include "store/sqlite/rows/pack_rows.h"
#include "store/sqlite/rows/user_rows.h"

namespace exposee::store {
namespace {

constexpr std::uint32_t kReaderCacheKib = 1024;  // inner pages of the trees; the kernel keeps the rest

}  // namespace

Result<std::unique_ptr<Reader>> SqliteReader::open(const std::string& file, RowTroubleSink* troubles) {
  auto db = Database::open(file, {.read_only = true, .cache_kib = kReaderCacheKib, .troubles = troubles});
  if (!db) return std::move(db).error();
  return std::make_unique<SqliteReader>(*std::move(db));
}

Result<EventRef> SqliteReader::event(const EventId& id) {
  Snapshot snapshot(*db_);
  EXPOSEE_TRY(snapshot.begin());
  return find_event(*db_, id, names_);
}

Result<EventRef> SqliteReader::event(EventSeq seq) {
  return find_event(*db_, seq, names_);
}

Result<EventPage> SqliteReader::events(const EventFilter& filter) {
  Snapshot snapshot(*db_);
  EXPOSEE_TRY(snapshot.begin());
  EXPOSEE_TRY(coverage_.refresh());
  return list_events(*db_, coverage_, filter);
}

Result<DeliveryPage> SqliteReader::deliveries(const DeliveryFilter& filter) {
  Snapshot snapshot(*db_);
  EXPOSEE_TRY(snapshot.begin());
  EXPOSEE_TRY(coverage_.refresh());
  return DeliveryList(*db_, coverage_, filter).page();
}

Result<DeliveryView> SqliteReader::delivery(const DeliveryKey& key) {
  Snapshot snapshot(*db_);
  EXPOSEE_TRY(snapshot.begin());
  auto found = find_state(*db_, names_, key);
  if (!found) return std::move(found).error();
  if (!*found) return Error{ErrorCode::not_found, "There is no such delivery.", {}};
  const auto& [row, event, attempts] = **found;
  return DeliveryView{row, event.id, event.type, event.accepted_at,
                      attempts.count ? std::optional(attempts.last_started_at) : std::nullopt};
}

Result<std::vector<AttemptRow>> SqliteReader::attempts(const DeliveryKey& key, std::uint32_t before,
                                                       std::uint32_t limit) {
  Snapshot snapshot(*db_);  // rows and packs as of one moment
  EXPOSEE_TRY(snapshot.begin());
  return read_attempts(*db_, key, before, limit);
}

Result<std::string> SqliteReader::last_failure(const DeliveryKey& key) {
  return read_last_failure(*db_, key);
}

Result<void> SqliteReader::users(std::uint64_t after, const TakeRow<UserRow>& take) {
  return read_users(*db_, after, take);
}

Result<bool> SqliteReader::user_exists(std::string_view name) {
  return has_user(*db_, name);
}

Result<void> SqliteReader::messages_to(std::string_view recipient_key, std::uint64_t after,
                                       const TakeRow<MessageRow>& take) {
  return read_messages(*db_, recipient_key, after, take);
}

Result<std::uint64_t> SqliteReader::count_events() {
  auto all = all_events(*db_);
  if (!all && all.error().code == ErrorCode::damaged) return std::uint64_t{0};  // an end cannot be read
  if (!all) return std::move(all).error();
  return all->last.value + 1 - all->first.value;
}

Result<PackNumbers> SqliteReader::load_pack(const PackKey& key, EventSeq last) {
  Snapshot snapshot(*db_);
  EXPOSEE_TRY(snapshot.begin());
  return numbers_of_pack(*db_, key, last);
}

Result<OwedPage> SqliteReader::load_owed(EndpointNumber endpoint, std::span<const EventSeq> events,
                                         std::size_t max_bytes) {
  Snapshot snapshot(*db_);
  EXPOSEE_TRY(snapshot.begin());
  return owed_events(*db_, names_, endpoint, events, max_bytes);
}

Result<EventsRead> SqliteReader::load_events(std::span<const EventSeq> seqs, std::size_t max_bytes) {
  Snapshot snapshot(*db_);
  EXPOSEE_TRY(snapshot.begin());
  return events_of(*db_, names_, seqs, max_bytes);
}

Result<std::vector<DeliveryRow>> SqliteReader::load_pending(EndpointNumber endpoint, Instant after_due,
                                                            EventSeq after_event, std::uint32_t limit) {
  return pending_rows(*db_, endpoint, after_due, after_event, limit);
}

Result<std::vector<DeliveryRow>> SqliteReader::load_asked(EndpointNumber endpoint, Instant after_due,
                                                          EventSeq after_event, std::uint32_t limit) {
  return asked_rows(*db_, endpoint, after_due, after_event, limit);
}

}  // namespace exposee::store
