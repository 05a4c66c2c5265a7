// Reads for the API and the dashboard: a read-only connection of its own, every answer from one short
// snapshot, so that the writer is neither seen half-way nor held up. One thread.
#pragma once

#include <memory>
#include <string>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/lists/coverage.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

class SqliteReader final : public Reader {
 public:
  static Result<std::unique_ptr<Reader>> open(const std::string& file, RowTroubleSink* troubles = nullptr);
  explicit SqliteReader(std::unique_ptr<Database> db) : db_(std::move(db)), names_(*db_), coverage_(*db_, names_) {}

  Result<EventRef> event(const EventId& id) override;
  Result<EventRef> event(EventSeq seq) override;
  Result<EventPage> events(const EventFilter& filter) override;
  Result<DeliveryPage> deliveries(const DeliveryFilter& filter) override;
  Result<DeliveryView> delivery(const DeliveryKey& key) override;
  Result<std::vector<AttemptRow>> attempts(const DeliveryKey& key, std::uint32_t before,
                                           std::uint32_t limit) override;
  Result<std::string> last_failure(const DeliveryKey& key) override;
  Result<void> users(std::uint64_t after, const TakeRow<UserRow>& take) override;
  Result<bool> user_exists(std::string_view name) override;
  Result<void> messages_to(std::string_view recipient_key, std::uint64_t after,
                           const TakeRow<MessageRow>& take) override;
  Result<std::uint64_t> count_events() override;
  Result<PackNumbers> load_pack(const PackKey& key, EventSeq last) override;
  Result<OwedPage> load_owed(EndpointNumber endpoint, std::span<const EventSeq> events,
                             std::size_t max_bytes) override;
  Result<EventsRead> load_events(std::span<const EventSeq> seqs, std::size_t max_bytes) override;
  Result<std::vector<DeliveryRow>> load_pending(EndpointNumber endpoint, Instant after_due,
                                                EventSeq after_event, std::uint32_t limit) override;
  Result<std::vector<DeliveryRow>> load_asked(EndpointNumber endpoint, Instant after_due,
                                              EventSeq after_event, std::uint32_t limit) override;

 private:
  std::unique_ptr<Database> db_;
  TypeNames names_;
  Coverage coverage_;
};

}  // namespace exposee::store
