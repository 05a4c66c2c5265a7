#include "api/v1/waiting_words.h"

#include <array>

#include "core/text/fill_in.h"

namespace exposee::api {
namespace {

using engine::WaitReason;

// {endpoint} and {until} stand for what they say; a row with {until} is used only when that is known.
struct Row {
  WaitReason why;
  std::string_view sentence;
};
constexpr std::array kRows = {
    Row{WaitReason::paused,
        "Waits: endpoint {endpoint} is paused. Resume it with PATCH /v1/endpoints/{endpoint} {\"paused\": "
        "false}."},
    Row{WaitReason::held,
        "Waits: the receiver asked for no requests before {until} (Retry-After), so endpoint {endpoint} is "
        "held. A retry by hand is sent at once, and ends no hold; PATCH /v1/endpoints/{endpoint} "
        "{\"paused\": false} "
        "does."},
    Row{WaitReason::breaker,
        "Waits: the circuit breaker of endpoint {endpoint} is open after too many failures. The next probe "
        "is at {until}; a retry by hand, or a test of the endpoint, is a probe at once."},
    Row{WaitReason::probe,
        "Waits: the circuit breaker of endpoint {endpoint} is half open, and a probe is under way."},
    Row{WaitReason::retry_after,
        "Waits: the receiver asked not to get this delivery before {until} (Retry-After)."},
    Row{WaitReason::order,
        "Waits for its turn: endpoint {endpoint} is ordered, and an earlier event is not final yet."},
    Row{WaitReason::rate,
        "Waits for its turn: rate_per_second of endpoint {endpoint} allows the next attempt at {until}."},
    Row{WaitReason::place,
        "Due: it starts as soon as fewer attempts at endpoint {endpoint} are under way than allowed at the "
        "same time."},
    Row{WaitReason::set_aside,
        "Waits: an attempt was made, but its outcome could not be stored, so it does not count. It is "
        "made again after "
        "the next start of the server; a retry by hand is made at once."},
};

constexpr std::string_view kOfRemoved = "Cancelled: its endpoint was removed while it was pending.";
constexpr std::string_view kOfDisabled =
    "Cancelled: endpoint {endpoint} is disabled, which cancels what is pending. Enable it with POST "
    "/v1/endpoints/{endpoint}/enable, then retry the delivery: POST /v1/deliveries/{delivery}/retry.";
constexpr std::string_view kOfEndpoint =
    "Cancelled: while it was pending, endpoint {endpoint} was disabled, or unsubscribed from the event's "
    "type. Retry it if "
    "the receiver needs it: POST /v1/deliveries/{delivery}/retry.";

}  // namespace

std::string cancelled_words(const Endpoint* endpoint, std::string_view delivery_id) {
  if (!endpoint || endpoint->removed_at) return std::string(kOfRemoved);
  std::string text(endpoint->is_active() ? kOfEndpoint : kOfDisabled);
  fill_in(text, "{endpoint}", endpoint->id.text());
  fill_in(text, "{delivery}", delivery_id);
  return text;
}

std::string waiting_words(const engine::Waiting& waiting, std::string_view endpoint_id) {
  for (const auto& row : kRows) {
    if (row.why != waiting.why) continue;
    std::string text(row.sentence);
    fill_in(text, "{endpoint}", endpoint_id);
    if (waiting.until) fill_in(text, "{until}", iso_text(*waiting.until));
    return text;
  }
  return {};
}

}  // namespace exposee::api
