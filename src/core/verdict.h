// What a response means for its delivery (promise D5). Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/delivery.h"

namespace exposee {

// A Retry-After of 429 or 503 is about the receiver, not about this delivery: the endpoint is held so long,
// but not longer than this, or one response would stop it for a day. The delivery itself waits for all of
// it.
constexpr std::chrono::hours kLongestHold{1};

// What a receiver requests in the header `webhook-delivery` of its response.
enum class Wish : std::uint8_t { none, abort, disable };

// `header`: its value; blanks around it and its case do not count, and any other word is none.
Wish read_wish(std::string_view header);

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
  std::optional<Duration> hold;         // 429 and 503: so long the endpoint is to be left alone altogether
  bool slow_down = false;               // 429, 502, 503, 504: the endpoint is to be called less often
  // No more is to be sent: with `disable` always; also when a 2xx carries `webhook-delivery: disable`,
  // which stays a success of this delivery.
  bool disable_endpoint = false;
};

// `now`: when the response came, to read a Retry-After date against. `max_retry_after`: the endpoint's own
// bound; zero: a Retry-After is as if it were not there.
Verdict judge(const Response& response, Instant now, std::optional<Duration> max_retry_after = std::nullopt);

}  // namespace exposee
