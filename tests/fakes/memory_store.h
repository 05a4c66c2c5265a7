// The store for tests and the simulator: everything in memory. What is committed is on the MemoryDisk, which
// outlives the store: to crash, drop the store and open another one on the same disk. The writer is one
// thread; readers may be on others, as with the real one. Owned by the test.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "fakes/memory_state.h"
#include "ports/store.h"

namespace exposee::fakes {

// What is committed: as readers see it and the end of the process leaves it.
struct MemoryDisk {
  using Change = std::function<void(memory::MemoryState&)>;
  void power_fails();  // what had not to be on disk yet is gone; while no store is open

  std::mutex mutex;
  // All under mutex.
  memory::MemoryState state;
  memory::MemoryState synced;
  std::vector<Change> unsynced;  // what brings it to `state`
};

class MemoryStore final : public Store, public ReaderSource {
 public:
  explicit MemoryStore(std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>());

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
  using Change = MemoryDisk::Change;

  bool is_stale(NodeEpoch as) const;
  Conflict conflict(const Turn& turn) const;
  void commit(Change change, Durability durability);
  void end_as_cancelled(std::vector<DeliveryRow>&& rows, Instant now);

  std::shared_ptr<MemoryDisk> disk_;
  memory::MemoryState now_;  // as the writer sees it: the disk's, which only it changes
};

}  // namespace exposee::fakes
