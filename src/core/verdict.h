// What an answer means for its delivery (promise D5). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "core/delivery.h"

namespace exposee {

enum class VerdictKind : std::uint8_t {
  success,  // 2xx
  retry,    // failed; try again by schedule
  abort,    // failed for good: the receiver said `webhook-delivery: abort`
  disable,  // failed for good and the endpoint is disabled: 410, or `webhook-delivery: disable`
};

struct Verdict {
  VerdictKind kind = VerdictKind::retry;
  Cause cause = Cause::none;            // none exactly for success
  std::optional<Duration> retry_after;  // lower bound for the next attempt; only with `retry`
  bool slow_down = false;               // 429, 502, 503, 504: the endpoint asks for less
  // The receiver wants no more: with `disable` always; also when a 2xx carries `webhook-delivery: disable`,
  // which stays a success of this delivery.
  bool disable_endpoint = false;
};

// `now`: when the answer came, to read a Retry-After date against.
Verdict judge(const Answer& answer, Instant now);

}  // namespace exposee
