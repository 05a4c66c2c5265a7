// What can be asked of the engine, and what it answers. The rooms above build these; the engine's
// thread decides them, which leaves them as they are, writes all of one turn at once, and replies only after
// it is on disk.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/circuit_breaker.h"
#include "core/event.h"
#include "core/registry.h"
#include "core/url/url.h"
#include "engine/endpoint_table.h"
#include "engine/lane/sorted_runs.h"
#include "ports/observer.h"
#include "ports/store.h"

namespace exposee::engine {

enum class Refusal : std::uint8_t {
  unknown_type,            // no event type of that name; detail of one that is published: the name
  already_registered,      // the URL is subscribed to the type already; detail: disabled_words()
  registered_public_only,  // as already_registered, and it is public_only; detail: its id
  not_registered,          // the URL is not subscribed to the type
  unknown_endpoint,
  url_taken,  // an endpoint of that URL exists; detail: its id
  type_exists,
  type_built_in,  // it cannot be removed
  unknown_delivery,
  endpoint_removed,   // nothing is sent to it any more
  endpoint_disabled,  // nothing is sent to it until it is enabled; detail: why it was disabled
  endpoint_paused,    // nothing is sent to it until it goes on
  too_many_retries,   // the delivery was retried by hand as often as may be; detail says how often
  key_reused,         // same Idempotency-Key, other body
  changed,            // it is not what the caller's condition expects; detail: what has changed
  unmet,              // a precondition of the command does not hold; `unmet` says which
  too_many,           // a limit of the registry; detail says which
  overloaded,         // too much under way or shutting down: 503 + Retry-After
  store_full,         // no space left: 507
  store_away,         // the store fails otherwise: 503
};

struct Refused {
  Refusal why = Refusal::store_away;
  std::string detail;      // one sentence more, may be empty
  std::uint8_t unmet = 0;  // Refusal::unmet: the number that the caller gave its precondition
};

template <class T>
using Outcome = std::expected<T, Refused>;

// What a call made, for its Location.
using Made = std::variant<std::monostate, EventId, EndpointId>;

// What goes back to the caller, rendered. Kept in the same transaction under the request's Idempotency-Key,
// so that a repetition gets the very same; what was made is then in its body alone.
struct Reply {
  int status = 0;
  std::string body;       // JSON, or empty
  bool problem = false;   // which tells what is wrong as RFC 9457 says it
  bool replayed = false;  // it is the stored reply to an earlier request
  Made made;              // nothing: see above, or it has no place of its own
};

// Same key and body: the stored reply. Same key, other body: Refusal::key_reused. Only successes are stored.
struct IdempotencyClaim {
  std::string key;          // scoped by the caller (route, owner): digest, 32 bytes; empty: no claim
  std::string fingerprint;  // digest of the body
};

// How the caller is told. Both run on the engine's thread, `deliver` after the commit (or when the command was
// refused), exactly once. `render` gives what is delivered; what it gave before for a turn that was not
// written, or was decided again, never happened: whatever it leaves behind, it leaves anew each time.
template <class T>
struct ReplyTo {
  std::function<Reply(const Outcome<T>&)> render;
  std::function<void(Reply&&)> deliver;
};

// --- events ---------------------------------------------------------------------------------------------

// That there is a document of this key, or that there is none: asked inside the turn, so that nothing comes between.
struct Precondition {
  DocumentKind kind{};
  std::string key;
  bool exists = true;
  std::uint8_t number = 0;  // by which the caller knows it: see Refused::unmet
  DocumentKey asks() const { return {kind, key}; }
};

struct Published {
  EventId id;
  EventSeq seq;
  std::string_view type_name;  // valid while the reply is rendered
  IsoChars accepted_at;        // as the event's body tells it
  std::uint32_t deliveries = 0;  // how many endpoints it is owed to
};

// Accept one event of a declared type. The documents are put in the same transaction, or neither is.
struct PublishEvent {
  std::string type_name;
  std::string data;  // one valid JSON value, spliced into the body byte for byte
  std::vector<Precondition> preconditions;  // the first that does not hold refuses it: Refusal::unmet
  std::vector<Document> documents;           // that the key of one is free, if it has any, is a precondition
  IdempotencyClaim claim;
  ReplyTo<Published> reply;
};

// Several events at once, each accepted or refused on its own and under its own Idempotency-Key; all of them
// in one transaction. `reply.deliver` of the items is not used.
struct PublishBatch {
  std::vector<PublishEvent> items;                     // at most kMaxBatch
  std::function<Reply(std::vector<Reply>&&)> combine;  // of the items' replies, in order
  std::function<Reply(const Refused&)> refuse;         // when the whole batch cannot be taken
  std::function<void(Reply&&)> deliver;
};
// Events: they are decided and written together, so a turn may go so far beyond
// EngineLimits::events_per_turn.
constexpr std::size_t kMaxBatch = 1'000;

// --- registry -------------------------------------------------------------------------------------------

struct Registered {
  std::shared_ptr<const Endpoint> endpoint;
  bool created = false;  // a new endpoint: its secret may be shown
};

// The contract's POST /webhook: creates the endpoint of that URL or adds the type to it.
struct RegisterWebhook {
  std::string type_name;
  Url url;
  // A page of another origin asks: an endpoint that it creates is public_only. One that is there stays as it
  // is; another call ends it.
  bool foreign_page = false;
  IdempotencyClaim claim;
  ReplyTo<Registered> reply;
  Requester by;
};

struct UnregisterWebhook {
  std::string type_name;
  std::string url;  // as it is stored
  ReplyTo<std::monostate> reply;
  Requester by;
};

struct DeclareType {
  std::string name;  // checked by core/event_type.h
  std::string description;
  IdempotencyClaim claim;
  ReplyTo<EventType> reply;
  Requester by;
};

// What the type must be for its removal to happen, asked inside the turn. Pure; empty: no condition. When it
// says no: Refusal::changed.
using TypeCondition = std::function<bool(const EventType&)>;

// From now on the type refuses new events, as if it had never been declared. Those accepted before go on:
// what is owed of them is delivered, they are listed and retried, under its name. Endpoints keep their
// patterns and subscriptions: declared again, the type has its number back and events of it reach them.
struct RemoveType {
  std::string name;
  TypeCondition only_if;
  ReplyTo<std::monostate> reply;
  Requester by;
};

struct CreateEndpoint {
  Url url;
  std::vector<std::string> patterns;  // checked by core/event_type.h, none twice
  EndpointSettings settings;
  std::string secret;  // imported "whsec_..."; empty: one is made
  IdempotencyClaim claim;
  ReplyTo<Registered> reply;
  Requester by;
};

// What the endpoint must be for a change to happen, asked inside the turn, so that nothing comes between.
// Pure; empty: no condition. When it says no: Refusal::changed.
using EndpointCondition = std::function<bool(const Endpoint&)>;

// Only what is set changes.
struct UpdateEndpoint {
  EndpointId id;
  EndpointCondition only_if;
  std::optional<std::vector<std::string>> patterns;
  SettingChanges settings;       // paused to false also ends a hold and lets the breaker's probe go at once
  std::optional<bool> disabled;  // false enables again; true disables by hand
  ReplyTo<Registered> reply;
  Requester by;
};

struct RemoveEndpoint {
  EndpointId id;
  EndpointCondition only_if;
  ReplyTo<std::monostate> reply;
  Requester by;
};

// --- deliveries -----------------------------------------------------------------------------------------

// One more attempt at once: as the probe while the breaker is open, also while the endpoint is held. Of a
// succeeded delivery: exactly one; of an exhausted or cancelled one: the schedule begins again; of a pending
// one: beside the schedule, which goes on as if nothing had been (its first attempt, when it had none yet, is
// made now). Nothing changes when an attempt is under way or was asked for already.
struct RetryDelivery {
  DeliveryKey key;
  IdempotencyClaim claim;
  ReplyTo<DeliveryRow> reply;
};

// A test POST to these endpoints, which belongs to no delivery, got a 2xx: as good as a probe of the breaker.
// Nobody is told.
struct ReceiversResponded {
  std::vector<EndpointNumber> endpoints;
};

// Why a pending delivery is not under way.
enum class WaitReason : std::uint8_t {
  schedule,     // its date has not come
  in_flight,    // it is under way
  paused,       // its endpoint is
  held,         // the receiver asked to be left alone
  breaker,      // its endpoint's breaker is open
  probe,        // ... half open: a probe is under way
  retry_after,  // the receiver asked for this delivery to come later
  order,        // its endpoint is ordered, and an earlier event is not final
  rate,         // the endpoint's rate_per_second
  place,        // as many attempts are under way as may be
  set_aside,    // what its last attempt came to could not be stored: it is made again after the next start
};
struct Waiting {
  WaitReason why = WaitReason::schedule;
  std::optional<Instant> until;  // nothing: unknown; never in the past
};

// Looks at what only the engine knows. Runs on its thread between turns.
class EngineView {
 public:
  virtual ~EngineView() = default;
  virtual bool in_flight(const DeliveryKey& key) const = 0;
  virtual BreakerState breaker(EndpointNumber endpoint) const = 0;
  virtual std::optional<Instant> held_until(EndpointNumber endpoint) const = 0;  // also one that is over
  virtual std::uint64_t pending(EndpointNumber endpoint) const = 0;  // deliveries, those in flight too
  // Of a row that is pending.
  virtual Waiting waiting(const DeliveryRow& row, Instant now) const = 0;
};
struct Inspect {
  std::function<void(const EngineView&)> look;
};

using Command =
    std::variant<PublishEvent, PublishBatch, RegisterWebhook, UnregisterWebhook, DeclareType, RemoveType,
                 CreateEndpoint, UpdateEndpoint, RemoveEndpoint, RetryDelivery, ReceiversResponded, Inspect>;

// Where commands go in. Any thread; never blocks; order per thread is kept.
class CommandSink {
 public:
  virtual ~CommandSink() = default;
  virtual void submit(Command&& command) = 0;
};

// --- what may be read without asking ----------------------------------------------------------------------

// The registry as of one version: immutable, published after each commit that changed it and before its
// replies.
struct RegistrySnapshot {
  RegistryVersion version;
  std::vector<EventType> types;          // those not removed, in order of number; the contract's two first
  std::vector<EventType> removed_types;  // kept for the history of their events, in order of number
  // In order of creation; the removed ones are kept as long as there is history of their deliveries.
  EndpointTable endpoints;
  SortedRuns<EndpointId, EndpointNumber> numbers;        // of every endpoint that ever had the id
  SortedRuns<std::size_t, EndpointNumber> url_numbers;   // of the last one that ever had a URL of this hash
  SortedRuns<std::string, TypeNumber> type_numbers;
  const EventType* type_named(std::string_view name) const;        // not removed
  const EventType* any_type_named(std::string_view name) const;    // removed ones too
  const EventType* type_numbered(TypeNumber number) const;         // removed ones too
  const Endpoint* endpoint_with(const EndpointId& id) const;       // not removed
  const Endpoint* any_endpoint_with(const EndpointId& id) const;   // removed ones too
  const Endpoint* endpoint_numbered(EndpointNumber number) const;  // removed ones too
  const Endpoint* endpoint_at(std::string_view url) const;         // normal form
  // Endpoints subscribed to the type, in the order in which they registered for it (disabled ones included).
  std::vector<const Endpoint*> subscribed_to(std::string_view type_name) const;
};

// Under which RegistrySnapshot::url_numbers has a URL.
std::size_t hash_of_url(std::string_view url);

// Since when and why the endpoint is disabled, and how it is enabled again; empty when it is not disabled.
std::string disabled_words(const Endpoint& endpoint);

class RegistrySource {
 public:
  virtual ~RegistrySource() = default;
  virtual std::shared_ptr<const RegistrySnapshot> registry() const = 0;  // any thread
};

}  // namespace exposee::engine
