#include "core/event.h"

#include "core/text/join.h"

namespace exposee {

// The one JSON text that is not written by json/: core sees no other room, nothing here needs escaping, and one
// allocation of the right size is all that an event may cost.
std::string event_body(std::string_view type_name, std::string_view data, const EventId& id,
                       const IsoChars& accepted_at) {
  return joined({R"({"event":")", type_name, R"(","data":)", data, R"(,"id":")", id.chars(),
                 R"(","timestamp":")", accepted_at, R"("})"});
}

}  // namespace exposee
