// An event: something that happened, named by its type, with the very bytes that every attempt sends.
// Immutable once accepted; shared between engine and sender by reference count. Any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/time.h"

namespace exposee {

// A declared event type. Name: core/event_type.h has its rules.
struct EventType {
  TypeNumber number;
  std::string name;
  std::string description;
  Instant created_at;
  // Set: it refuses new events. It is kept for those that were accepted before, and for its name to be
  // declared again, under the same number.
  std::optional<Instant> removed_at = std::nullopt;
};

struct Event {
  EventSeq seq;
  EventId id;
  TypeNumber type;
  RegistryVersion version;  // of the registry under which it was accepted: who was subscribed at that moment
  Instant accepted_at;
  std::string type_name;  // as sent in `webhook-event`
  std::string body;       // the JSON that is signed and sent, byte for byte the same over all attempts
};
using EventRef = std::shared_ptr<const Event>;

// {"event":"<type>","data":<data>,"id":"evt_...","timestamp":"<iso>"}: `data` is spliced in byte for byte.
// `type_name` and `data` must already be valid (a type's name needs no escaping; `data` is one JSON value).
std::string event_body(std::string_view type_name, std::string_view data, const EventId& id,
                       const IsoChars& accepted_at);

}  // namespace exposee
