// A store that fails when told to: every operation of the one inside counts as a step, and chosen steps give
// an error instead. For proving that no failure at any place loses, forges or doubles anything. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "ports/store.h"

namespace exposee::fakes {

// Which steps fail; shared by a test and the stores it makes.
struct FaultPlan {
  std::uint64_t steps = 0;       // taken so far
  std::uint64_t fail_from = 0;   // the first step that fails, counted from 1; 0: none
  std::uint64_t fail_count = 0;  // so many in a row
  ErrorCode code = ErrorCode::unavailable;
  std::uint64_t failed = 0;
  Durability last_begun = Durability::at_commit;  // what the last transaction was to be

  void fail_next(std::uint64_t count, ErrorCode why) {
    fail_from = steps + 1;
    fail_count = count;
    code = why;
  }
};

class FaultyStore final : public Store {
 public:
  FaultyStore(std::unique_ptr<Store> inner, FaultPlan& plan) : inner_(std::move(inner)), plan_(plan) {}

  void rollback() override { inner_->rollback(); }
  Result<StartState> load_start() override {
    EXPOSEE_TRY(step());
    return inner_->load_start();
  }
  Result<void> begin(Durability durability) override {
    EXPOSEE_TRY(step());
    plan_.last_begun = durability;
    return inner_->begin(durability);
  }
  Result<void> commit() override {
    EXPOSEE_TRY(step());
    return inner_->commit();
  }
  Result<void> add_events(std::span<const EventRef> events) override {
    EXPOSEE_TRY(step());
    return inner_->add_events(events);
  }
  Result<void> add_attempts(std::span<const AttemptRow> attempts) override {
    EXPOSEE_TRY(step());
    return inner_->add_attempts(attempts);
  }
  Result<void> put_deliveries(std::span<const DeliveryRow> rows) override {
    EXPOSEE_TRY(step());
    return inner_->put_deliveries(rows);
  }
  Result<void> put_checkpoint(EventSeq checkpoint, std::span<const LaneMark> marks) override {
    EXPOSEE_TRY(step());
    return inner_->put_checkpoint(checkpoint, marks);
  }
  Result<void> remove_packs(std::span<const PackKey> packs) override {
    EXPOSEE_TRY(step());
    return inner_->remove_packs(packs);
  }
  Result<void> put_packs(std::span<const BacklogPack> packs) override {
    EXPOSEE_TRY(step());
    return inner_->put_packs(packs);
  }
  Result<void> put_version(RegistryVersion version) override {
    EXPOSEE_TRY(step());
    return inner_->put_version(version);
  }
  Result<void> put_event_type(const EventType& type) override {
    EXPOSEE_TRY(step());
    return inner_->put_event_type(type);
  }
  Result<void> put_endpoint(const Endpoint& endpoint) override {
    EXPOSEE_TRY(step());
    return inner_->put_endpoint(endpoint);
  }
  Result<void> open_subscription(const Subscription& subscription) override {
    EXPOSEE_TRY(step());
    return inner_->open_subscription(subscription);
  }
  Result<void> close_subscription(TypeNumber type, EndpointNumber endpoint, RegistryVersion until) override {
    EXPOSEE_TRY(step());
    return inner_->close_subscription(type, endpoint, until);
  }
  Result<std::uint64_t> cancel_pending(EndpointNumber endpoint, std::uint64_t limit, Instant now) override {
    EXPOSEE_TRY(step());
    return inner_->cancel_pending(endpoint, limit, now);
  }
  Result<void> put_hold(const Hold& hold) override {
    EXPOSEE_TRY(step());
    return inner_->put_hold(hold);
  }
  Result<bool> add_user(const UserRow& user) override {
    EXPOSEE_TRY(step());
    return inner_->add_user(user);
  }
  Result<bool> user_exists(std::string_view name) override {
    EXPOSEE_TRY(step());
    return inner_->user_exists(name);
  }
  Result<void> add_message(const MessageRow& message) override {
    EXPOSEE_TRY(step());
    return inner_->add_message(message);
  }
  Result<std::optional<StoredReply>> find_reply(std::string_view key) override {
    EXPOSEE_TRY(step());
    return inner_->find_reply(key);
  }
  Result<void> put_reply(std::string_view key, const StoredReply& reply, Instant now) override {
    EXPOSEE_TRY(step());
    return inner_->put_reply(key, reply, now);
  }
  Result<Expired> expire(Instant events_before, Instant replies_before, std::uint64_t limit) override {
    EXPOSEE_TRY(step());
    return inner_->expire(events_before, replies_before, limit);
  }
  Result<std::vector<EventSeq>> load_pack(const PackKey& key, EventSeq last) override {
    EXPOSEE_TRY(step());
    return inner_->load_pack(key, last);
  }
  Result<OwedPage> load_owed(EndpointNumber endpoint, std::span<const EventSeq> events) override {
    EXPOSEE_TRY(step());
    return inner_->load_owed(endpoint, events);
  }
  Result<EventBatch> load_events_after(EventSeq after, std::uint32_t max_events) override {
    EXPOSEE_TRY(step());
    return inner_->load_events_after(after, max_events);
  }
  Result<std::vector<DeliveryKey>> load_touched_after(EventSeq after) override {
    EXPOSEE_TRY(step());
    return inner_->load_touched_after(after);
  }
  Result<std::vector<EventRef>> load_events(std::span<const EventSeq> seqs) override {
    EXPOSEE_TRY(step());
    return inner_->load_events(seqs);
  }
  Result<std::vector<DeliveryRow>> load_pending(EndpointNumber endpoint, Instant after_due,
                                                EventSeq after_event, std::uint32_t limit) override {
    EXPOSEE_TRY(step());
    return inner_->load_pending(endpoint, after_due, after_event, limit);
  }
  Result<std::vector<DeliveryRow>> load_asked(EndpointNumber endpoint, Instant after_due,
                                              EventSeq after_event, std::uint32_t limit) override {
    EXPOSEE_TRY(step());
    return inner_->load_asked(endpoint, after_due, after_event, limit);
  }
  Result<std::optional<DeliveryRow>> find_delivery(const DeliveryKey& key) override {
    EXPOSEE_TRY(step());
    return inner_->find_delivery(key);
  }

 private:
  Result<void> step() {
    ++plan_.steps;
    const bool fails =
        plan_.fail_from && plan_.steps >= plan_.fail_from && plan_.steps < plan_.fail_from + plan_.fail_count;
    if (!fails) return {};
    ++plan_.failed;
    return Error{plan_.code, "made to fail", ""};
  }

  std::unique_ptr<Store> inner_;
  FaultPlan& plan_;
};

}  // namespace exposee::fakes
