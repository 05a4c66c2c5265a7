#include "core/event.h"

#include "core/text/join.h"

namespace exposee {

std::string event_body(std::string_view type_name, std::string_view data, const EventId& id,
                       Instant accepted_at) {
  return joined({R"({"event":")", type_name, R"(","data":)", data, R"(,"id":")", id.chars(),
                 R"(","timestamp":")", iso_chars(accepted_at), R"("})"});
}

}  // namespace exposee
