#include "core/event.h"

namespace exposee {

std::string event_body(std::string_view type_name, std::string_view data, const EventId& id,
                       Instant accepted_at) {
  constexpr std::size_t kFrame = 128;  // bytes of everything but the type's name and the data, rounded up
  std::string body;
  body.reserve(type_name.size() + data.size() + kFrame);
  body.append(R"({"event":")").append(type_name);
  body.append(R"(","data":)").append(data);
  body.append(R"(,"id":")").append(id.text());
  body.append(R"(","timestamp":")").append(iso_text(accepted_at)).append(R"("})");
  return body;
}

}  // namespace exposee
