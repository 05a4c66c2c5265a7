// What a store keeps, as values: one struct a kind of row. What they mean together: ports/store.h. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/delivery.h"
#include "core/failing_days.h"
#include "core/event.h"
#include "core/event_pack.h"
#include "core/registry.h"

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
  std::uint16_t http_status = 0;  // of the last attempt, 0 when it got no response
  Instant updated_at;
  std::uint32_t by_hand = 0;          // attempts asked for by hand, over its whole life (D11)
  bool asked = false;                 // its next attempt is one of them; only when pending
  std::optional<Instant> resumes_at;  // of one that was asked for while it waited: when its schedule goes on
  std::optional<Instant> not_before;  // the receiver's Retry-After: no automatic attempt starts earlier
  bool brought_forward = false;  // its schedule was hurried once because the endpoint was back: not again
};

// Makes a pending one final: what only that has goes. `updated_at` stays the caller's.
void end_as(DeliveryRow& row, DeliveryStatus status);
// It is owed no more: cancelled, but for one that had succeeded before it was retried by hand.
void end_unowed(DeliveryRow& row, Instant now);

// That the receiver asked to be left alone, by a Retry-After with 429 or 503.
struct Hold {
  EndpointNumber endpoint;
  Instant until;
};

// For how long every attempt at the endpoint has failed; means something only while it is noted as failing.
struct FailingDaysRow {
  EndpointNumber endpoint;
  FailingDaysNote note;
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

// A stored reply to a request with an Idempotency-Key (promise D12).
struct StoredReply {
  std::string fingerprint;  // digest of the request's body; another one under the same key is a misuse
  int status = 0;
  std::string content_type;
  std::string body;
};

}  // namespace exposee
