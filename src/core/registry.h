// Endpoints and their subscriptions: the registry. Values only; the engine owns the living copy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/endpoint_settings.h"
#include "core/ids.h"
#include "core/time.h"

namespace exposee {

// One pattern of event types an endpoint asked for: a name, `prefix.*` or `*` (core/event_type.h).
struct PatternEntry {
  std::string pattern;
  RegistryVersion since;  // orders registrations in GET /webhooks
  bool operator==(const PatternEntry&) const = default;
};

// Endpoint::disabled_reason of one that was disabled by PATCH.
constexpr std::string_view kDisabledByHand = "disabled by hand";

struct Endpoint {
  EndpointNumber number;
  EndpointId id;
  std::string url;  // in the URL standard's normal form
  std::vector<PatternEntry> events;
  std::string secret;  // "whsec_..."; never logged, listed or measured
  EndpointSettings settings;
  std::string disabled_reason;  // empty: not disabled
  std::optional<Instant> disabled_at;
  std::optional<Instant> failing_since;  // every attempt failed since then; noted once it lasts (D9)
  Instant created_at;
  Instant updated_at;
  std::optional<Instant> removed_at;  // set: gone, kept for the history of its deliveries

  bool is_active() const { return !removed_at && disabled_reason.empty(); }  // something may be owed to it
};

// That an endpoint was subscribed to what a pattern matches for the versions in [from, until). An event that was
// accepted under version v is owed to it iff one of its subscriptions has from <= v and (no until or v < until), and
// its pattern matches the event's type. So a type that is declared later needs no subscription of its own. Once only
// closed ones cover an event, what is not yet final is cancelled.
struct Subscription {
  std::string pattern;
  EndpointNumber endpoint;
  RegistryVersion from;
  RegistryVersion until;  // zero: open
  bool covers(RegistryVersion v) const { return from <= v && (!until || v < until); }
};

}  // namespace exposee
