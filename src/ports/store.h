// The doors to durable state. `Store` is the writer: the engine's thread alone calls it. A turn is a value
// (ports/turn.h): `look` before it is decided, when something must be known for it, then one `write`, which
// ends committed, refused, failed or unknown. Nobody but the store knows transactions, so a store at the far
// end of a network needs one trip a turn. `Reader` serves everything that only looks (API, dashboard): one
// per reading thread, never blocks the writer. One contract suite (tests/contract) holds for every
// implementation.
//
// What is owed is derived, not written: an event is owed to every endpoint with a subscription whose pattern
// matches the event's type and whose interval covers the event's version. Several may; one that is open
// counts before those that are closed. A delivery gets a row (DeliveryRow) only once something deviates: its
// first attempt failed, it was retried by hand, it ended other than by a first success. So, for a covered
// (event, endpoint):
//   a delivery row            -> its status says
//   else a succeeded attempt  -> succeeded
//   else an open interval     -> pending, still owed
//   else                      -> cancelled (the endpoint was removed, disabled or unsubscribed)
// A pending row that is not `manual` also counts as cancelled once no open interval covers it.
//
// So that what is owed is known without looking at all events, an endpoint that lags has the numbers of the
// events that wait for it in packs. A pack is an index, no truth: it names every event up to the lane's mark
// that is pending without a row, and may name others.
//
// Errors of every call: full (no space), unavailable (I/O error, store away), damaged, internal. The first
// two pass, and the same call may be made again; the others come again with the same call. So does stale, of
// housekeeping.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/delivery.h"
#include "core/event.h"
#include "core/event_pack.h"
#include "core/registry.h"
#include "core/result.h"
#include "ports/rows.h"
#include "ports/turn.h"

namespace exposee {

// Everything the engine needs to go on after a start.
struct StartState {
  EventSeq last_event;   // the greatest number that was ever given, likewise; zero: none yet
  TurnMarker last_turn;  // the last one that was written
  RegistryVersion version;
  // The greatest numbers that were ever given, by all that is known: the rows that had them may be lost.
  TypeNumber last_type;
  EndpointNumber last_endpoint;
  std::vector<EventType> types;  // in order of number
  // In order of number; the removed ones included, as long as something of theirs is kept.
  std::vector<Endpoint> endpoints;
  std::vector<Subscription> subscriptions;  // the open ones, in order of endpoint and pattern
  std::array<EventSeq, kShards>
      checkpoints{};  // by shard: low water of every lane that has no mark of its own
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
  // Endpoints whose packs or pending rows may be of events that a subscription covered which is closed by
  // now; in order.
  std::vector<EndpointNumber> cut_off;
  std::vector<FailingDaysRow> failing;  // in order of endpoint; also of such as fail no longer

  EventSeq checkpoint(EndpointNumber endpoint) const { return checkpoints[shard_of(endpoint)]; }
};

// Of some events, those that are owed to an endpoint, in order.
struct OwedPage {
  std::vector<EventRef> events;
  std::vector<EventSeq> unreadable{};  // their rows are damaged: whether they are owed is unknown
  std::uint64_t unowed = 0;            // others that no open interval covers
  std::size_t looked_at = 0;           // of the events asked for: those beyond were left for another time
  std::size_t bytes = 0;               // of the bodies of `events`
  std::optional<Error> stopped{};  // why the one behind those looked at cannot be read now: it may be later
};

// What a pack names.
struct PackNumbers {
  std::vector<EventSeq> events;
  bool missing = false;  // it is not there
};

// A pack by its first event, and how far it goes.
struct PackStretch {
  EventSeq first, last;
};

// What became of a pack that was sifted.
struct SiftedPack {
  EventSeq was;              // its first event
  EventPack left;            // empty: it is gone
  std::uint64_t unowed = 0;  // of those that it names no more, how many no open interval covers
  bool more = false;         // `left` is not looked through yet
};

// What became of some pending rows.
struct EndedRows {
  std::vector<EventSeq> ended;
  std::optional<std::pair<Instant, EventSeq>> next;  // others may come after this place
};

// Of some events, those that are there and can be read, in no particular order.
struct EventsRead {
  std::vector<EventRef> events;
  std::size_t looked_at = 0;       // of the events asked for: those beyond were left for another time
  std::optional<Error> stopped{};  // as that of OwedPage
};

// Events in their order, whomever they are owed to.
struct EventBatch {
  std::vector<EventRef> events;
  std::optional<EventSeq> unreadable;  // the page ends before this one, whose row is damaged
};

// A subscription, past or present, by its key; in their order.
struct SubscriptionKey {
  EndpointNumber endpoint;
  std::string pattern;
  RegistryVersion from;
  auto operator<=>(const SubscriptionKey&) const = default;
};

// What became of some subscriptions that have ended.
struct EndedSubscriptions {
  std::uint64_t gone = 0;
  bool some_stay = false;               // of those that were looked at
  std::optional<SubscriptionKey> next;  // others may come after this one
};

// How much retention removed in one step.
struct Expired {
  std::uint64_t events = 0, replies = 0;
  std::uint64_t rows = 0;  // in all, as the limit counts them
  bool more = false;       // something may be left to remove now
};

// What waits beyond the memory of lanes: the writer's reads of it are as of its last turn, others' no older.
class OwedReads {
 public:
  virtual ~OwedReads() = default;
  // What the pack names; when it is not there or cannot be read, every event from its first to `last` that
  // there is.
  virtual Result<PackNumbers> load_pack(const PackKey& key, EventSeq last) = 0;
  // Those of `events`, which ascend, that are owed to the endpoint: an open interval covers them, no attempt,
  // no row yet. The page ends with the event whose body makes it `max_bytes` or more: so it has at least one,
  // if any is owed, and never holds more than the largest body beyond that.
  virtual Result<OwedPage> load_owed(EndpointNumber endpoint, std::span<const EventSeq> events,
                                     std::size_t max_bytes) = 0;
  // Those of `seqs` that exist and can be read, up to the one whose body makes it `max_bytes` or more.
  virtual Result<EventsRead> load_events(std::span<const EventSeq> seqs, std::size_t max_bytes) = 0;
  // Pending rows of an endpoint in order of (due, event), after the given place; at most `limit`. As they are
  // stored: whether an open interval still covers them is for the caller to see. Those that were asked for by
  // hand are left out of the first and make up the second.
  virtual Result<std::vector<DeliveryRow>> load_pending(EndpointNumber endpoint, Instant after_due,
                                                        EventSeq after_event, std::uint32_t limit) = 0;
  virtual Result<std::vector<DeliveryRow>> load_asked(EndpointNumber endpoint, Instant after_due,
                                                      EventSeq after_event, std::uint32_t limit) = 0;
};

class Store : public OwedReads {
 public:
  virtual Result<StartState> load_start() = 0;

  // --- a turn -------------------------------------------------------------------------------------------
  // What must be known before it is decided: once a turn, and only when something asks for it.
  virtual Result<Found> look(const Lookups& lookups) = 0;
  // All of it or nothing, but for attempts and delivery rows of events that retention has removed: an attempt
  // may have been under way when its endpoint was disabled. After a crash the turns that were committed first
  // are there, without a gap.
  virtual Written write(const Turn& turn) = 0;
  // Of a write that ended `unknown`, as long as the node has written nothing since: whether it is committed.
  // Once this says no, it never will be.
  virtual Result<bool> settled(const TurnMarker& marker) = 0;
  // A node begins anew: its epoch from now on, greater than every earlier one, on disk. A turn of it that is
  // being written is waited for, and every later one with an earlier epoch is refused, as is every step of
  // housekeeping.
  virtual Result<std::uint64_t> raise_epoch(std::uint64_t node) = 0;

  // --- housekeeping: each call a bounded step, complete in itself ---------------------------------------
  // It may be lost by a power failure like a turn `with_next`: the next call does it again. Each is done in
  // the name of a node, `as`; error stale: another has taken over, and nothing is done.

  // Turns at most `limit` pending rows of the endpoint into final ones: cancelled, but for those that had
  // succeeded before they were retried by hand (`once`), which are succeeded again. How many it turned.
  virtual Result<std::uint64_t> cancel(NodeEpoch as, EndpointNumber endpoint, std::uint64_t limit,
                                       Instant now) = 0;
  // Removes what is older than its limit and final: events accepted before `events_before` to which nothing
  // is owed any more (at or below every low water, no pending row, in no pack), with their attempts and
  // delivery rows; stored replies from before `replies_before`; none of a kind whose time is the beginning of
  // time. About `limit` rows as the store keeps them, so that the time it takes goes by the limit; some
  // dozens of events may go together. Which rows go first is not promised; an event is not found any more as
  // soon as it goes, before the last of its attempts. What is damaged is told and stays, and everything else
  // goes.
  virtual Result<Expired> expire(NodeEpoch as, Instant events_before, Instant replies_before,
                                 std::uint64_t limit) = 0;
  // Those of these endpoints, some dozens, that were removed and of which nothing is kept any more lose their
  // rows. One stays as long as an event is there that was accepted between its first subscription and the end
  // of its last, retention is in the middle of an event, or it has a pending row, a pack or an open
  // subscription. Gives those that are gone.
  virtual Result<std::vector<EndpointNumber>> forget(NodeEpoch as,
                                                     std::span<const EndpointNumber> endpoints) = 0;
  // Of the next `limit` subscriptions after the given place those that have ended lose their rows, once no
  // event is there that was accepted in their time: nothing tells of them any more. Fewer are looked at when
  // that takes long, and none while retention is in the middle of an event: then some stay.
  virtual Result<EndedSubscriptions> forget_ended(NodeEpoch as, const SubscriptionKey& after,
                                                  std::uint64_t limit) = 0;
  // Takes out of these packs of the endpoint, some, what is not owed to it without a row: so that they hold
  // up no retention. In order; what cannot be read stays, for whatever its row says may be wrong. Those
  // behind one that has `more` are left out.
  virtual Result<std::vector<SiftedPack>> sift(NodeEpoch as, EndpointNumber endpoint,
                                               std::span<const PackStretch> packs) = 0;
  // Of the next `limit` pending rows of the endpoint, in order of (due, event) after the given place, those
  // end as cancelled that no open interval covers; but none that is `manual`, of an event in `under_way` or
  // of one that cannot be read. Fewer are looked at when their events are large.
  virtual Result<EndedRows> end_unowed(NodeEpoch as, EndpointNumber endpoint,
                                       std::pair<Instant, EventSeq> after,
                                       std::span<const EventSeq> under_way, std::uint32_t limit,
                                       Instant now) = 0;

  // --- what is owed: reads of the writer ----------------------------------------------------------------
  // Events after `after` in order, whomever they are owed to.
  virtual Result<EventBatch> load_events_after(EventSeq after, std::uint32_t max_events) = 0;
  // Deliveries of events after `after` that have an attempt or a row.
  virtual Result<std::vector<DeliveryKey>> load_touched_after(EventSeq after) = 0;
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

class Reader : public OwedReads {
 public:
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
  virtual Result<std::uint64_t> count_events() = 0;  // for the banner; at most so many, by key range
};

// Opens readers; any thread.
class ReaderSource {
 public:
  virtual ~ReaderSource() = default;
  virtual Result<std::unique_ptr<Reader>> open_reader() = 0;
};

}  // namespace exposee
