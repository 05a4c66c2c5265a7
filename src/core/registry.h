// Endpoints and their subscriptions: the registry. Values only; the engine owns the living copy.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.h"
#include "core/time.h"

namespace exposee {

// Waits before attempts 2, 3, ...; the first attempt is at once. Promise D6.
struct RetrySchedule {
  std::vector<std::chrono::milliseconds> waits;
  bool operator==(const RetrySchedule&) const = default;
};

// One pattern of event types an endpoint asked for: a name, `prefix.*` or `*` (core/event_type.h).
struct PatternEntry {
  std::string pattern;
  RegistryVersion since;  // orders registrations in GET /webhooks
  bool operator==(const PatternEntry&) const = default;
};

struct Endpoint {
  EndpointNumber number;
  EndpointId id;
  std::string url;  // in the URL standard's normal form
  std::string description;
  std::vector<PatternEntry> events;
  std::string secret;                                // "whsec_..."; never logged, listed or measured
  std::optional<std::chrono::milliseconds> timeout;  // of a whole attempt; none: the server's default
  std::optional<RetrySchedule> schedule;             // none: the server's default
  std::uint32_t max_in_flight = 0;                   // 0: the server's default
  std::uint32_t rate_per_second = 0;                 // attempts started per second at most; 0: no limit
  bool ordered = false;                              // event k+1 is attempted only after k is final (D10)
  bool paused = false;
  // Deliveries go to public addresses only, whatever the settings open: a page of another origin registered
  // it, whose author may have the URL's name lead wherever he likes.
  bool public_only = false;
  std::string disabled_reason;  // empty: not disabled
  std::optional<Instant> disabled_at;
  std::optional<Instant> failing_since;  // every attempt failed since then; noted once it lasts (D9)
  Instant created_at;
  Instant updated_at;
  std::optional<Instant> removed_at;  // set: gone, kept for the history of its deliveries

  bool is_active() const { return !removed_at && disabled_reason.empty(); }  // something may be owed to it
};

// That an endpoint was subscribed to a type for the versions in [from, until). An event accepted under
// version v is owed to it iff from <= v and (no until or v < until). A closed interval cancels what is not
// yet final.
struct Subscription {
  TypeNumber type;
  EndpointNumber endpoint;
  RegistryVersion from;
  RegistryVersion until;  // zero: open
  bool covers(RegistryVersion v) const { return from <= v && (!until || v < until); }
};

}  // namespace exposee
