// The doors to durable state. `Store` is the writer: the engine's thread alone calls it, one transaction a
// turn. `Reader` serves everything that only looks (API, dashboard): one per reading thread, never blocks the
// writer. One contract suite (tests/contract) holds for every implementation.
//
// What is owed is derived, not written: an event is owed to every endpoint with a subscription whose interval
// covers the event's version. A delivery gets a row (DeliveryRow) only once something deviates: its first
// attempt failed, it was retried by hand, it ended other than by a first success. So, for a covered (event,
// endpoint):
//   a delivery row            -> its status says
//   else a succeeded attempt  -> succeeded
//   else an open interval     -> pending, still owed
//   else                      -> cancelled (the endpoint was removed, disabled or unsubscribed)
// A pending row that is not `manual` also counts as cancelled once no open interval covers it.
//
// So that nobody has to look at all events for what is owed, an endpoint that lags has the numbers of the events
// that wait for it in packs. A pack is an index, no truth: it names every event up to the lane's mark that is
// pending without a row, and may name others.
//
// Errors of every call: full (no space), unavailable (I/O error, store away), damaged, internal. After an
// error inside a transaction the caller rolls back and may try the whole turn again.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/delivery.h"
#include "core/event.h"
#include "core/event_pack.h"
#include "core/registry.h"
#include "core/result.h"

namespace exposee {

// The outcome of one attempt; append-only.
struct AttemptRow {
  DeliveryKey key;
  std::uint32_t number = 1;  // from 1, counted over the whole life of the delivery
  bool succeeded = false;
  Response response;  // response headers other than content_type, retry_after need not be kept
};

// A delivery that deviates from "first attempt succeeds".
struct DeliveryRow {
  DeliveryKey key;
  DeliveryStatus status = DeliveryStatus::pending;  // never in_flight
  std::uint32_t attempts = 0;                       // made so far
  // Attempts that the schedule does not count: made before it began again, or by hand beside it.
  std::uint32_t round_start = 0;
  bool manual = false;            // retried by hand: no subscription needed, the endpoint must be active
  bool once = false;              // a manual retry of a succeeded delivery: one attempt, then succeeded again
  std::optional<Instant> due;     // of the next attempt; exactly when pending
  Cause cause = Cause::none;      // of the last failed attempt
  std::uint16_t http_status = 0;  // of the last attempt, 0 when it got no answer
  Instant updated_at;
  std::uint32_t by_hand = 0;          // attempts asked for by hand, over its whole life (D11)
  bool asked = false;                 // its next attempt is one of them; only when pending
  std::optional<Instant> resumes_at;  // of one that was asked for while it waited: when its schedule goes on
  std::optional<Instant> not_before;  // the receiver's Retry-After: no automatic attempt starts earlier
  bool brought_forward = false;  // its schedule was hurried once because the endpoint was back: not again
};

// That the receiver asked to be left alone, by a Retry-After with 429 or 503.
struct Hold {
  EndpointNumber endpoint;
  Instant until;
  Duration in_all{};  // of all holds, this one included, since every attempt has failed: D9 counts without it
};

// Low-water mark of one lane: every delivery of the endpoint up to and including this event is final, has a
// row, or stands in a pack.
struct LaneMark {
  EndpointNumber endpoint;
  EventSeq low_water;
};

// Of one endpoint; it has no other pack with the same first event.
struct BacklogPack {
  EndpointNumber endpoint;
  EventPack events;  // not empty
};

struct PackKey {
  EndpointNumber endpoint;
  EventSeq first;
  auto operator<=>(const PackKey&) const = default;
};

// A stored answer to a request with an Idempotency-Key (promise D12).
struct StoredReply {
  std::string fingerprint;  // digest of the request's body; another one under the same key is a misuse
  int status = 0;
  std::string content_type;
  std::string body;
};

struct UserRow {
  std::string name;  // lower-cased, unique
  Instant registered_at;
};

struct MessageRow {
  std::string sender;         // lower-cased
  std::string recipient;      // as given
  std::string recipient_key;  // lower-cased
  std::string subject;
  std::string message;
  Instant received_at;
};

// Everything the engine needs to go on after a start.
struct StartState {
  EventSeq last_event;  // zero: none yet
  RegistryVersion version;
  std::vector<EventType> types;             // in order of number
  std::vector<Endpoint> endpoints;          // in order of number, the removed ones included
  std::vector<Subscription> subscriptions;  // the open ones
  EventSeq checkpoint;                      // low water of every lane that has no mark of its own
  std::vector<LaneMark> marks;
  struct LanePending {
    EndpointNumber endpoint;
    std::uint64_t count;
    Instant first_due;
    std::uint64_t asked = 0;  // of them, asked for by hand
  };
  std::vector<LanePending> pending;  // pending rows per endpoint, in order of its number
  std::vector<Hold> holds;           // in order of endpoint; also such as are over
  struct Pack {
    PackKey key;
    EventSeq last;
    std::uint32_t count = 0;
  };
  std::vector<Pack> packs;  // in order of key
};

// Of some events, those that are owed to an endpoint, in order.
struct OwedPage {
  std::vector<EventRef> events;
  std::vector<EventSeq> unreadable{};  // owed too, but their rows are damaged: nothing can be sent of them
  std::uint64_t unowed = 0;            // others that no open interval covers
};

// Events in their order, whomever they are owed to.
struct EventBatch {
  std::vector<EventRef> events;
  std::optional<EventSeq> unreadable;  // the page ends before this one, whose row is damaged
};

// How much retention removed in one step. All zero and not `more`: nothing is left to remove.
struct Expired {
  std::uint64_t events = 0, attempts = 0, deliveries = 0, replies = 0;
  bool more = false;  // not all was looked at
};

// When a transaction is on disk.
enum class Durability : std::uint8_t {
  at_commit,  // commit() returns after it and all before it are on disk (fsync); nothing changed, nothing is
              // waited for
  with_next,  // with the next at_commit that changes something: a power failure may undo it, the end of the
              // process not
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Result<StartState> load_start() = 0;

  // One transaction at a time. After a crash those that were committed first are there, without a gap.
  virtual Result<void> begin(Durability durability) = 0;
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;

  // Writes; only inside a transaction.
  // Ascending, above every earlier one; their versions never fall, and their ids' time (UUIDv7) is
  // accepted_at.
  virtual Result<void> add_events(std::span<const EventRef> events) = 0;
  // No attempt was added before: the caller sees to it. One that was all the same is left out and told
  // (row_trouble.h), so that it does not keep the others from being written; a store need not notice a first
  // success.
  virtual Result<void> add_attempts(std::span<const AttemptRow> attempts) = 0;
  // Insert or replace. A row of a delivery that was never owed is `manual`.
  virtual Result<void> put_deliveries(std::span<const DeliveryRow> rows) = 0;
  // Marks replace all earlier marks.
  virtual Result<void> put_checkpoint(EventSeq checkpoint, std::span<const LaneMark> marks) = 0;
  // Those that are there. Of what they name nobody is told any more.
  virtual Result<void> remove_packs(std::span<const PackKey> packs) = 0;
  virtual Result<void> put_packs(std::span<const BacklogPack> packs) = 0;  // insert or replace by key
  virtual Result<void> put_version(RegistryVersion version) = 0;
  virtual Result<void> put_event_type(const EventType& type) = 0;
  virtual Result<void> put_endpoint(const Endpoint& endpoint) = 0;  // insert or replace by number
  virtual Result<void> open_subscription(const Subscription& subscription) = 0;
  // Closes the open interval; nothing happens when there is none.
  virtual Result<void> close_subscription(TypeNumber type, EndpointNumber endpoint,
                                          RegistryVersion until) = 0;
  // Turns at most `limit` pending rows of the endpoint into cancelled ones; how many it turned.
  virtual Result<std::uint64_t> cancel_pending(EndpointNumber endpoint, std::uint64_t limit, Instant now) = 0;
  virtual Result<void> put_hold(const Hold& hold) = 0;     // insert or replace by endpoint
  virtual Result<bool> add_user(const UserRow& user) = 0;  // false: the name is taken
  virtual Result<bool> user_exists(std::string_view name) = 0;
  virtual Result<void> add_message(const MessageRow& message) = 0;
  virtual Result<std::optional<StoredReply>> find_reply(std::string_view key) = 0;
  virtual Result<void> put_reply(std::string_view key, const StoredReply& reply, Instant now) = 0;
  // Removes at most `limit` rows of each kind that are older than their limit and final: events accepted
  // before `events_before` to which nothing is owed any more (at or below every low water, no pending row, in
  // no pack), with their attempts and delivery rows; idempotent answers stored before `replies_before`. Which
  // rows go first is not promised; an event is not found any more as soon as it goes, before the last of its
  // attempts.
  virtual Result<Expired> expire(Instant events_before, Instant replies_before, std::uint64_t limit) = 0;

  // Reads of the writer; inside a transaction they see what it wrote.
  // What the pack names; when it is not there or cannot be read, every event from its first to `last` that
  // there is.
  virtual Result<std::vector<EventSeq>> load_pack(const PackKey& key, EventSeq last) = 0;
  // Those of `events`, which ascend, that are owed to the endpoint: an open interval covers them, no attempt, no
  // row yet.
  virtual Result<OwedPage> load_owed(EndpointNumber endpoint, std::span<const EventSeq> events) = 0;
  // Events after `after` in order, whomever they are owed to.
  virtual Result<EventBatch> load_events_after(EventSeq after, std::uint32_t max_events) = 0;
  // Deliveries of events after `after` that have an attempt or a row.
  virtual Result<std::vector<DeliveryKey>> load_touched_after(EventSeq after) = 0;
  // Those of `seqs` that exist and can be read, in no particular order.
  virtual Result<std::vector<EventRef>> load_events(std::span<const EventSeq> seqs) = 0;
  // Pending rows of an endpoint in order of (due, event), after the given place; at most `limit`. As they are
  // stored: whether an open interval still covers them is for the caller to see. Those that were asked for by
  // hand are left out of the first and make up the second.
  virtual Result<std::vector<DeliveryRow>> load_pending(EndpointNumber endpoint, Instant after_due,
                                                        EventSeq after_event, std::uint32_t limit) = 0;
  virtual Result<std::vector<DeliveryRow>> load_asked(EndpointNumber endpoint, Instant after_due,
                                                      EventSeq after_event, std::uint32_t limit) = 0;
  // What is known of one delivery: its row, else one derived as described above; nothing when it was never
  // owed.
  virtual Result<std::optional<DeliveryRow>> find_delivery(const DeliveryKey& key) = 0;
};

// A delivery as lists show it.
struct DeliveryView {
  DeliveryRow row;  // derived where there is none; status never in_flight (only the engine knows that)
  EventId event_id;
  TypeNumber type;
  Instant created_at;  // when the event was accepted
  std::optional<Instant> last_attempt_at;
};

struct DeliveryFilter {
  std::optional<DeliveryStatus> status;
  std::optional<EventSeq> event;
  std::optional<TypeNumber> type;
  std::optional<EndpointNumber> endpoint;
  std::optional<Cause> cause;           // of the last failed attempt
  std::optional<Instant> since, until;  // of the event's acceptance: since <= t < until
  std::optional<DeliveryKey> before;    // cursor: strictly after this one in the list's order
  std::uint32_t limit = 50;             // 1 to 200
};

struct DeliveryPage {
  std::vector<DeliveryView> deliveries;  // newest event first, then endpoint number descending
  std::optional<DeliveryKey>
      next;  // set: go on with `before` = this (the page may be short: scans are bounded)
};

// An event as lists show it.
struct EventView {
  EventSeq seq;
  EventId id;
  TypeNumber type;
  Instant accepted_at;
  std::uint32_t deliveries = 0;  // to how many endpoints it was owed when it was accepted
};

struct EventFilter {
  std::optional<TypeNumber> type;
  std::optional<Instant> since, until;  // of acceptance: since <= t < until
  std::optional<EventSeq> before;       // cursor: strictly below this one
  std::uint32_t limit = 50;             // 1 to 200
};

struct EventPage {
  std::vector<EventView> events;  // newest first
  std::optional<EventSeq> next;  // set: go on with `before` = this (the page may be short: scans are bounded)
};

constexpr std::uint32_t kAllAttempts = std::numeric_limits<std::uint32_t>::max();

// Is given rows one by one, with their numbers; false: no more for now.
template <class Row>
using TakeRow = std::function<bool(std::uint64_t number, const Row& row)>;

class Reader {
 public:
  virtual ~Reader() = default;
  virtual Result<EventRef> event(const EventId& id) = 0;  // not_found
  virtual Result<EventRef> event(EventSeq seq) = 0;       // not_found
  virtual Result<EventPage> events(const EventFilter& filter) = 0;
  virtual Result<DeliveryPage> deliveries(const DeliveryFilter& filter) = 0;
  virtual Result<DeliveryView> delivery(const DeliveryKey& key) = 0;  // not_found
  // The last `limit` attempts with a number below `before`, in order of number.
  virtual Result<std::vector<AttemptRow>> attempts(const DeliveryKey& key,
                                                   std::uint32_t before = kAllAttempts,
                                                   std::uint32_t limit = kAllAttempts) = 0;
  // The sender's words (Response::detail) of the last failed attempt; empty when there is none.
  virtual Result<std::string> last_failure(const DeliveryKey& key) = 0;
  // In order of registration, those with a number above `after`. Numbers begin at 1 and ascend, so a long
  // list can be read piece by piece: nobody comes twice, and nobody is passed over who was there at the
  // begin.
  virtual Result<void> users(std::uint64_t after, const TakeRow<UserRow>& take) = 0;
  virtual Result<bool> user_exists(std::string_view name) = 0;
  // In order of receipt; likewise.
  virtual Result<void> messages_to(std::string_view recipient_key, std::uint64_t after,
                                   const TakeRow<MessageRow>& take) = 0;
  virtual Result<std::uint64_t> count_events() = 0;  // for the banner; may be an estimate by key range
};

// Opens readers; any thread.
class ReaderSource {
 public:
  virtual ~ReaderSource() = default;
  virtual Result<std::unique_ptr<Reader>> open_reader() = 0;
};

}  // namespace exposee
