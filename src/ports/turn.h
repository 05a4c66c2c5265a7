// A turn as a value: everything that the engine decided at once, written by one call and by one transaction
// (Store::write). It only views its parts: its builder keeps them until the call returns, and may use
// their memory again for the next one. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/shard.h"
#include "ports/documents.h"
#include "ports/rows.h"

namespace exposee {

// Names one turn for ever: who wrote it, and its place among those of the same writer. The last committed one
// of each writer stays in the store, so that a write whose end is unknown can be looked for.
struct TurnMarker {
  std::uint64_t node = 1;
  std::uint64_t turn = 0;  // ascending from 1; 0: no turn
  friend bool operator==(const TurnMarker&, const TurnMarker&) = default;
};

// One life of a node: what it writes is refused as stale once a later one has begun (Store::raise_epoch).
struct NodeEpoch {
  std::uint64_t node = 1;
  std::uint64_t epoch = 0;  // 0: whatever it is
};

// What must still hold for the turn to be written. What does not, refuses it.
struct Fence {
  // The registry by which its events were addressed, and which its changes change; nothing: it depends on
  // none.
  std::optional<RegistryVersion> registry;
  // Of the node that writes it (Store::raise_epoch): refused once another one is. 0: whatever it is.
  std::uint64_t epoch = 0;
};

// Changes of the registry by one turn. They are values as they are after it: put by number, and subscriptions
// by (endpoint, pattern, from). Within each vector a later one of the same key wins.
struct RegistryChanges {
  std::optional<RegistryVersion> version;  // the last; nothing: nothing has changed
  std::vector<EventType> types;
  std::vector<std::shared_ptr<const Endpoint>> endpoints;
  std::vector<Subscription> subscriptions;  // with `until`: closed

  bool empty() const { return !version && types.empty() && endpoints.empty() && subscriptions.empty(); }
  void clear() {
    version.reset();
    types.clear();
    endpoints.clear();
    subscriptions.clear();
  }
};

// The first request with this Idempotency-Key, and its reply.
struct KeyClaim {
  std::string_view key;
  const StoredReply* reply = nullptr;
};

// Every event up to `upto` is owed to no endpoint of these shards any more, has its row or stands in a pack, but
// where a lane's mark says less.
struct Checkpoint {
  EventSeq upto;
  std::span<const LaneMark> marks;  // replace all earlier marks of these shards
  ShardSet shards = ShardSet::all();
};

// When a turn is on disk.
enum class Durability : std::uint8_t {
  at_commit,  // write() returns after it and all before it are on disk (fsync); nothing changed, nothing is
              // waited for
  with_next,  // with the next at_commit that changes something: a power failure may undo it, the end of the
              // process not
};

struct Turn {
  TurnMarker marker;
  Fence fence;
  Durability durability = Durability::at_commit;
  Instant now;  // when it was decided
  // Ascending, above every earlier one; their versions never fall, and their ids' time (UUIDv7) is
  // accepted_at.
  std::span<const EventRef> events;
  // No attempt was added before: the caller sees to it. One that was all the same is left out and reported
  // (row_trouble.h), so that it does not keep the others from being written; a store need not notice a first
  // success.
  std::span<const AttemptRow> attempts;
  // Insert or replace; the last of one key wins. A row of a delivery that was never owed is `manual`.
  std::span<const DeliveryRow> deliveries;
  std::span<const Hold> holds;                 // insert or replace by endpoint
  std::span<const FailingDaysRow> failing;     // insert or replace by endpoint
  const RegistryChanges* registry = nullptr;   // none: it stays as it is
  std::span<const KeyClaim> claims;            // refused when one of the keys is taken
  std::span<const Document> documents;         // added; refused when one of their keys is taken
  std::optional<Checkpoint> checkpoint;
  std::span<const PackKey> removed_packs;   // those that are there; what they name is not reported any more
  std::span<const BacklogPack> packs;       // put after that: insert or replace by key

  // Nothing is to be written: it is committed as it is.
  bool empty() const {
    return events.empty() && attempts.empty() && deliveries.empty() && holds.empty() && failing.empty() &&
           (!registry || registry->empty()) && claims.empty() && documents.empty() && !checkpoint &&
           removed_packs.empty() && packs.empty();
  }
};

// What is to be known before a turn is decided.
struct Lookups {
  std::vector<std::string_view> keys;  // of requests, whether they have a stored reply
  std::vector<DocumentKey> documents;  // whether they are taken
  std::vector<DeliveryKey> deliveries;

  bool empty() const { return keys.empty() && documents.empty() && deliveries.empty(); }
  void clear() {
    keys.clear();
    documents.clear();
    deliveries.clear();
  }
};

// The replies, each in the order of its questions.
struct Found {
  std::vector<std::optional<StoredReply>> replies;
  std::vector<bool> documents;
  // What is known of a delivery: its row, else one derived as ports/store.h says; nothing when it was never
  // owed.
  std::vector<std::optional<DeliveryRow>> deliveries;
};

// How a write ended.
enum class WriteEnd : std::uint8_t {
  committed,
  refused,  // what it was decided by does not hold any more: nothing was written, it must be decided again
  failed,   // nothing was written, but see `perhaps`
  unknown,  // whether it was written is unknown: Store::settled() finds out
};

// Why a turn was refused.
enum class Conflict : std::uint8_t { none, stale_registry, stale_node, taken_key, taken_document };
constexpr std::string_view to_text(Conflict conflict) {
  constexpr std::string_view kTexts[] = {"", "the registry has changed", "the node has lost its leases",
                                         "an idempotency key is taken", "the key of a document is taken"};
  return kTexts[static_cast<std::size_t>(conflict)];
}

// Of a step of housekeeping that is refused so.
inline Error stale_node() {
  return {ErrorCode::stale, std::string(to_text(Conflict::stale_node)), {}};
}

struct [[nodiscard]] Written {
  WriteEnd end = WriteEnd::committed;
  Conflict conflict = Conflict::none;  // refused: why
  Error error;                         // failed, unknown: why
  bool perhaps = false;                // failed: a start after the end of this process may find it all the same

  static Written refused(Conflict why) { return {WriteEnd::refused, why, {}, false}; }
  static Written failed(Error why, bool perhaps = false) {
    return {WriteEnd::failed, Conflict::none, std::move(why), perhaps};
  }
  static Written unknown(Error why) { return {WriteEnd::unknown, Conflict::none, std::move(why), false}; }
  explicit operator bool() const { return end == WriteEnd::committed; }
};

}  // namespace exposee
