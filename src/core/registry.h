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

// Endpoint::disabled_reason of one that somebody disabled, by PATCH.
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
