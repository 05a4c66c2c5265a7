// What the in-memory store holds, and every rule of ports/store.h in its plainest form: maps, and loops over
// all of them. Slow and obviously right; SQLite is compared with it. Values only; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ports/store.h"

namespace exposee::fakes::memory {

struct MemoryState {
  std::map<std::uint64_t, std::uint64_t> last_turns, epochs;  // by node
  RegistryVersion version;
  TypeNumber last_type;  // the greatest numbers that were ever given
  EndpointNumber last_endpoint;
  std::map<TypeNumber, EventType> types;
  std::map<EndpointNumber, Endpoint> endpoints;
  std::vector<Subscription> subscriptions;  // closed ones too
  std::array<EventSeq, kShards> checkpoints{};
  std::vector<LaneMark> marks;
  std::map<PackKey, EventPack> packs;
  std::map<EventSeq, EventRef> events;
  std::map<DeliveryKey, std::map<std::uint32_t, AttemptRow>> attempts;
  std::map<DeliveryKey, DeliveryRow> rows;
  // Where pending rows may be found, see put_row(): engines ask for those of one endpoint all the time.
  std::map<EndpointNumber, std::set<EventSeq>> pending;
  std::map<EndpointNumber, Hold> holds;
  std::map<EndpointNumber, FailingDaysRow> failing;
  std::vector<UserRow> users;
  std::vector<MessageRow> messages;
  struct KeptReply {
    StoredReply reply;
    Instant stored_at;
  };
  std::map<std::string, KeptReply, std::less<>> replies;
  EventSeq last_expired;
  EventSeq expiring;  // removed, and its attempts and rows are still being removed
};

std::uint64_t epoch_of(const MemoryState& state, std::uint64_t node);  // 0: it never began

enum class Cover : std::uint8_t { none, open, closed };
Cover cover(const MemoryState& state, const Event& event, EndpointNumber endpoint);

// The delivery as it counts; nothing when it was never owed or its event is gone.
std::optional<DeliveryView> view_delivery(const MemoryState& state, const DeliveryKey& key);
// Every delivery of the event, by endpoint, descending.
std::vector<DeliveryView> deliveries_of(const MemoryState& state, const Event& event);
EventPage list_events(const MemoryState& state, const EventFilter& filter);
DeliveryPage list_deliveries(const MemoryState& state, const DeliveryFilter& filter);

void put_row(MemoryState& state, const DeliveryRow& row);
StartState start_state(const MemoryState& state);
std::vector<DeliveryRow> pending_of(const MemoryState& state,
                                    EndpointNumber endpoint);  // in order of (due, event)
// Of these those that were asked for by hand, or the others; after a place, so many at most.
std::vector<DeliveryRow> pending_after(const MemoryState& state, EndpointNumber endpoint, bool asked,
                                       std::pair<Instant, EventSeq> place, std::uint32_t limit);
void add_document(MemoryState& state, const Document& document);
bool has_document(const MemoryState& state, const DocumentKey& key);
bool has_user(const MemoryState& state, std::string_view name);
bool is_touched(const MemoryState& state, const DeliveryKey& key);  // has an attempt or a row
PackNumbers numbers_of_pack(const MemoryState& state, const PackKey& key, EventSeq last);
// See StartState::cut_off.
std::vector<EndpointNumber> cut_off(const MemoryState& state);
// What is left of a pack; and it in place of what was.
SiftedPack sifted(const MemoryState& state, EndpointNumber endpoint, const PackStretch& pack);
void put_sifted(MemoryState& state, EndpointNumber endpoint, const std::vector<SiftedPack>& packs);
OwedPage owed_events(const MemoryState& state, EndpointNumber endpoint, std::span<const EventSeq> events,
                     std::size_t max_bytes);
EventsRead events_of(const MemoryState& state, std::span<const EventSeq> seqs, std::size_t max_bytes);
// Those of the endpoints that were removed and of which nothing is kept; and without them.
std::vector<EndpointNumber> forgettable(const MemoryState& state, std::span<const EndpointNumber> endpoints);
void forget(MemoryState& state, std::span<const EndpointNumber> endpoints);
// Of the next `limit` subscriptions those that have ended and of whose time no event is there; and without them.
struct EndedLook {
  EndedSubscriptions done;
  std::vector<SubscriptionKey> gone;
};
EndedLook ended_subscriptions(const MemoryState& state, const SubscriptionKey& after, std::uint64_t limit);
void forget(MemoryState& state, std::span<const SubscriptionKey> subscriptions);
Expired expire(MemoryState& state, Instant events_before, Instant replies_before, std::uint64_t limit);

}  // namespace exposee::fakes::memory
