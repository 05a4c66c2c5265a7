// A turn that keeps what a Turn only views: put together row by row, as tests like to write it, or taken from a Turn
// that ends before it is needed. Test code, one thread.
#pragma once

#include <list>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "ports/store.h"

namespace exposee::fakes {

class TurnRows {
 public:
  TurnRows() = default;
  explicit TurnRows(const Turn& turn)
      : registry_(turn.registry ? *turn.registry : RegistryChanges{}),
        fence_(turn.fence),
        marker_(turn.marker),
        durability_(turn.durability),
        now_(turn.now) {
    append(events_, turn.events);
    append(attempts_, turn.attempts);
    append(deliveries_, turn.deliveries);
    append(holds_, turn.holds);
    append(failing_, turn.failing);
    for (const auto& [key, reply] : turn.claims) claim(std::string(key), *reply);
    append(documents_, turn.documents);
    append(removed_packs_, turn.removed_packs);
    append(packs_, turn.packs);
    if (!turn.checkpoint) return;
    checkpoint_ = turn.checkpoint->upto;
    shards_ = turn.checkpoint->shards;
    append(marks_, turn.checkpoint->marks);
  }
  TurnRows(TurnRows&&) = default;  // what its claims point to stays where it is
  TurnRows& operator=(TurnRows&&) = default;

  void add_events(const std::vector<EventRef>& events) { append(events_, events); }
  void add_attempts(const std::vector<AttemptRow>& attempts) { append(attempts_, attempts); }
  void put_deliveries(const std::vector<DeliveryRow>& rows) { append(deliveries_, rows); }
  void put_hold(const Hold& hold) { holds_.push_back(hold); }
  void put_failing(const FailingDaysRow& row) { failing_.push_back(row); }
  void put_event_type(const EventType& type) { registry_.types.push_back(type); }
  void put_endpoint(const Endpoint& endpoint) {
    registry_.endpoints.push_back(std::make_shared<const Endpoint>(endpoint));
  }
  void put_subscription(const Subscription& subscription) { registry_.subscriptions.push_back(subscription); }
  void put_version(RegistryVersion version) { registry_.version = version; }
  void add_user(const UserRow& user) { documents_.emplace_back(user); }
  void add_message(const MessageRow& message) { documents_.emplace_back(message); }
  void claim(const std::string& key, const StoredReply& reply) {
    const auto& kept = kept_claims_.emplace_back(key, reply);
    claims_.push_back({kept.first, &kept.second});
  }
  void remove_packs(const std::vector<PackKey>& packs) { append(removed_packs_, packs); }
  void put_packs(const std::vector<BacklogPack>& packs) { append(packs_, packs); }
  void put_checkpoint(EventSeq upto, std::vector<LaneMark> marks = {}, ShardSet shards = ShardSet::all()) {
    checkpoint_ = upto;
    shards_ = shards;
    marks_ = std::move(marks);
  }
  void set_now(Instant now) { now_ = now; }
  void set_fence(RegistryVersion version) { fence_.registry = version; }
  void set_epoch(std::uint64_t epoch) { fence_.epoch = epoch; }
  void set_marker(TurnMarker marker) { marker_ = marker; }
  void set_durability(Durability durability) { durability_ = durability; }

  // Good as long as this is and nothing is added.
  Turn turn() const {
    Turn turn{.marker = marker_,
              .fence = fence_,
              .durability = durability_,
              .now = now_,
              .events = events_,
              .attempts = attempts_,
              .deliveries = deliveries_,
              .holds = holds_,
              .failing = failing_,
              .registry = &registry_,
              .claims = claims_,
              .documents = documents_,
              .removed_packs = removed_packs_,
              .packs = packs_};
    if (checkpoint_) turn.checkpoint = Checkpoint{*checkpoint_, marks_, shards_};
    return turn;
  }

 private:
  template <class T>
  static void append(std::vector<T>& all, std::type_identity_t<std::span<const T>> more) {
    all.insert(all.end(), more.begin(), more.end());
  }

  std::vector<EventRef> events_;
  std::vector<AttemptRow> attempts_;
  std::vector<DeliveryRow> deliveries_;
  std::vector<Hold> holds_;
  std::vector<FailingDaysRow> failing_;
  RegistryChanges registry_;
  std::list<std::pair<std::string, StoredReply>> kept_claims_;  // that stay where they are
  std::vector<KeyClaim> claims_;
  std::vector<Document> documents_;
  std::vector<PackKey> removed_packs_;
  std::vector<BacklogPack> packs_;
  std::optional<EventSeq> checkpoint_;
  ShardSet shards_;
  std::vector<LaneMark> marks_;
  Fence fence_;
  TurnMarker marker_;
  Durability durability_ = Durability::at_commit;
  Instant now_{};
};

}  // namespace exposee::fakes
