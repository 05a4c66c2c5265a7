// Reads of what is committed in a MemoryStore, for tests and the simulator. One thread each, any thread.
#pragma once

#include <memory>

#include "fakes/memory_store.h"
#include "ports/store.h"

namespace exposee::fakes {

class MemoryReader : public Reader {
 public:
  explicit MemoryReader(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {}

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

 protected:
  const std::shared_ptr<MemoryDisk> disk_;
};

}  // namespace exposee::fakes
