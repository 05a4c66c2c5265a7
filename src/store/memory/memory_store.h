// The store for tests and the simulator: everything in memory, with a disk that can be told to fail. What is
// committed is on the MemoryDisk, which outlives the store: to crash, drop the store and open another one on
// the same disk, and the work of an open transaction is gone. The writer is one thread; readers may be on
// others, as with the real one. Owned by the test.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "ports/store.h"
#include "store/memory/memory_state.h"

namespace exposee::store {

// How an operation of Store fails.
struct StoreFault {
  std::uint64_t at = 1;  // the operation that fails, counted from 1 from now on
  Error error;
  // Of a commit: it took effect all the same, as when the disk's confirmation is lost.
  bool in_effect = false;
  std::uint64_t times = 1;  // so many operations in a row fail
};

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

  // Calls of Store that can fail, so far (rollback cannot, readers are not counted).
  std::uint64_t operations() const { return operations_; }
  void fail(StoreFault fault);  // replaces an earlier fault
  void heal() { fault_.reset(); }

  Result<std::unique_ptr<Reader>> open_reader() override;

  Result<StartState> load_start() override;
  Result<void> begin(Durability durability) override;
  Result<void> commit() override;
  void rollback() override;
  Result<void> add_events(std::span<const EventRef> events) override;
  Result<void> add_attempts(std::span<const AttemptRow> attempts) override;
  Result<void> put_deliveries(std::span<const DeliveryRow> rows) override;
  Result<void> put_checkpoint(EventSeq checkpoint, std::span<const LaneMark> marks) override;
  Result<void> remove_packs(std::span<const PackKey> packs) override;
  Result<void> put_packs(std::span<const BacklogPack> packs) override;
  Result<void> put_version(RegistryVersion version) override;
  Result<void> put_event_type(const EventType& type) override;
  Result<void> put_endpoint(const Endpoint& endpoint) override;
  Result<void> open_subscription(const Subscription& subscription) override;
  Result<void> close_subscription(TypeNumber type, EndpointNumber endpoint, RegistryVersion until) override;
  Result<std::uint64_t> cancel_pending(EndpointNumber endpoint, std::uint64_t limit, Instant now) override;
  Result<void> put_hold(const Hold& hold) override;
  Result<bool> add_user(const UserRow& user) override;
  Result<bool> user_exists(std::string_view name) override;
  Result<void> add_message(const MessageRow& message) override;
  Result<std::optional<StoredReply>> find_reply(std::string_view key) override;
  Result<void> put_reply(std::string_view key, const StoredReply& reply, Instant now) override;
  Result<Expired> expire(Instant events_before, Instant replies_before, std::uint64_t limit) override;

  Result<std::vector<EventSeq>> load_pack(const PackKey& key, EventSeq last) override;
  Result<OwedPage> load_owed(EndpointNumber endpoint, std::span<const EventSeq> events) override;
  Result<EventBatch> load_events_after(EventSeq after, std::uint32_t max_events) override;
  Result<std::vector<DeliveryKey>> load_touched_after(EventSeq after) override;
  Result<std::vector<EventRef>> load_events(std::span<const EventSeq> seqs) override;
  Result<std::vector<DeliveryRow>> load_pending(EndpointNumber endpoint, Instant after_due,
                                                EventSeq after_event, std::uint32_t limit) override;
  Result<std::vector<DeliveryRow>> load_asked(EndpointNumber endpoint, Instant after_due,
                                              EventSeq after_event, std::uint32_t limit) override;
  Result<std::optional<DeliveryRow>> find_delivery(const DeliveryKey& key) override;

 private:
  using Change = MemoryDisk::Change;

  Result<void> operate();             // counts, and fails when it is told to
  Result<void> operate_in_writing();  // the same for writes
  void change(Change change);

  std::shared_ptr<MemoryDisk> disk_;
  memory::MemoryState now_;      // as the writer sees it
  std::vector<Change> changes_;  // of the open transaction: what brings the disk's state to now_
  bool in_transaction_ = false;
  Durability durability_ = Durability::at_commit;  // of the open transaction
  std::uint64_t operations_ = 0;
  std::optional<StoreFault> fault_;  // `at` counts down
};

}  // namespace exposee::store
