// The door for being watched: logs and metrics hang here. Called on the engine's thread; must not block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/delivery.h"
#include "core/event.h"
#include "core/registry.h"
#include "core/result.h"
#include "core/verdict.h"
#include "ports/row_trouble.h"

namespace exposee {

// Everything known of one finished attempt: one wide log line.
struct AttemptNote {
  DeliveryKey key;
  const Event* event = nullptr;
  const Endpoint* endpoint = nullptr;
  std::uint32_t attempt = 1;
  const Response* response = nullptr;
  Cause cause = Cause::none;
  DeliveryStatus status = DeliveryStatus::pending;  // of the delivery after this attempt
  std::optional<Instant> next_at;                   // of the next attempt
};

struct TurnNote {
  std::uint32_t events = 0;    // accepted
  std::uint32_t attempts = 0;  // recorded
  std::uint32_t commands = 0;
  Duration commit{};  // the fsync included
  // Deliveries that ended without an attempt: their event cannot be read, or very many wait for their endpoint;
  // they are not owed any more.
  std::uint32_t exhausted = 0, cancelled = 0;
};

// A turn that is over, whether it wrote anything or not.
struct TurnEnd {
  Duration took{};
  std::uint64_t pending = 0;    // deliveries owed
  std::uint64_t in_flight = 0;  // attempts under way
  // Deliveries that were given up with their endpoint or its subscription, since the start. Of a backlog that
  // was not looked at yet, the engine only assumes how long it is.
  std::uint64_t given_up = 0;
};

// What GET /v1/endpoints calls the `status` of an endpoint.
enum class EndpointStatus : std::uint8_t { active, failing, held, paused, disabled };
constexpr EndpointStatus kLastEndpointStatus = EndpointStatus::disabled;
constexpr std::string_view to_text(EndpointStatus status) {
  constexpr std::string_view kTexts[] = {"active", "failing", "held", "paused", "disabled"};
  return kTexts[static_cast<std::size_t>(status)];
}

// What keeps an endpoint from being sent anything; `nothing`: its deliveries wait each for its own reason (its
// date, its turn, a free place).
enum class LaneStop : std::uint8_t { nothing, paused, held, breaker };
constexpr LaneStop kLastLaneStop = LaneStop::breaker;

// All endpoints that are not removed, counted.
struct Census {
  std::array<std::uint64_t, static_cast<std::size_t>(kLastEndpointStatus) + 1> endpoints{};  // by status
  // Deliveries owed and not under way, by what stops their endpoint.
  std::array<std::uint64_t, static_cast<std::size_t>(kLastLaneStop) + 1> waiting{};
  std::uint64_t open_breakers = 0;  // half-open ones too
};

// Who requested something. Empty: the server itself.
struct Requester {
  std::string peer;        // "127.0.0.1:51234"
  std::string request_id;  // as the caller named it (X-Request-ID)
};

enum class RegistryChange : std::uint8_t {
  endpoint_registered,
  endpoint_changed,
  endpoint_enabled,
  endpoint_disabled,  // by hand
  endpoint_removed,
  type_declared,
  type_removed,
};

// A change that was requested and is on disk.
struct ChangeNote {
  RegistryChange what = RegistryChange::endpoint_changed;
  std::shared_ptr<const Endpoint> endpoint;  // null: of a type
  std::string type;                          // of a type, or what the contract's call named
  Requester by;
};

// What is done beside the turns, in steps that fail alone.
enum class ChoreKind : std::uint8_t { retention, replies, cancel, sift, forget, forget_ended, checkpoint };
constexpr ChoreKind kLastChoreKind = ChoreKind::checkpoint;
constexpr std::string_view to_text(ChoreKind chore) {
  constexpr std::string_view kTexts[] = {
      "retention", "retention of stored replies", "cancelling deliveries", "sifting backlogs",
      "forgetting removed endpoints", "forgetting ended subscriptions", "checkpoint"};
  return kTexts[static_cast<std::size_t>(chore)];
}

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void attempt_finished(const AttemptNote& note) = 0;
  virtual void turn_committed(const TurnNote& note) = 0;
  virtual void registry_changed(const ChangeNote&) {}
  virtual void store_failed(const Error& error) = 0;
  virtual void store_recovered() = 0;
  // This machine lacks something, as `why` says: the attempt has not begun and waits. May come very often.
  virtual void attempt_not_begun(const Endpoint& endpoint, std::string_view why, Instant now) = 0;
  virtual void endpoint_disabled(const Endpoint& endpoint) = 0;
  // The endpoint's circuit breaker has opened (only probes go out) or closed again.
  virtual void breaker_changed(const Endpoint& endpoint, bool open) = 0;
  // The receiver asked for no requests until then (Retry-After of 429 or 503); nothing: that is over, by time
  // or by hand. A hold that is made longer is not told again.
  virtual void hold_changed(const Endpoint& endpoint, std::optional<Instant> until) {
    (void)endpoint, (void)until;
  }
  // A step of housekeeping failed: it alone waits and is tried again; and one succeeded at last.
  virtual void chore_failed(ChoreKind chore, const Error& error) { (void)chore, (void)error; }
  virtual void chore_recovered(ChoreKind chore) { (void)chore; }
  // More waits for the endpoint than may (max_pending): a delivery to it ended at once. May come very often.
  virtual void delivery_overflowed(const Endpoint& endpoint, Instant now) { (void)endpoint, (void)now; }
  // The event of a delivery cannot be read any more: it ended without an attempt.
  virtual void delivery_unreadable(const DeliveryKey& key, const Endpoint& endpoint) { (void)key, (void)endpoint; }
  // There is less free disk than is to stay, and events are refused; or no longer so. In bytes.
  virtual void disk_low(bool low, std::uint64_t free, std::uint64_t least) {
    (void)low, (void)free, (void)least;
  }
  // A row of the store contradicts others or cannot be read; what it stands for is set aside.
  virtual void row_in_trouble(const RowTrouble& trouble) { (void)trouble; }
  // The last of each turn.
  virtual void turn_ended(const TurnEnd&) {}
  // About once a second; of many endpoints some were looked at a few turns before others.
  virtual void endpoints_counted(const Census&) {}
};

}  // namespace exposee
