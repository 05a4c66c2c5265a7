#include "core/verdict.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/assert.h"
#include "core/retry_schedule.h"
#include "core/text/text.h"

namespace exposee {
namespace {

constexpr int kGone = 410, kTooManyRequests = 429, kServiceUnavailable = 503;
constexpr std::array kSlowDownStatuses = {429, 502, 503, 504};

bool is_slow_down(int status) {
  for (const int s : kSlowDownStatuses) {
    if (s == status) return true;
  }
  return false;
}

// What the receiver requests, as far as its endpoint permits.
std::optional<Duration> wait_of(const Response& response, Instant now, std::optional<Duration> most) {
  const auto asked = parse_retry_after(response.retry_after, now);
  if (!asked || !most) return asked;
  return *most > Duration::zero() ? std::optional(std::min(*asked, *most)) : std::nullopt;
}

// RFC 6585 section 4 and RFC 9110 section 15.6.4.
std::optional<Duration> hold_of(int status, std::optional<Duration> retry_after) {
  if (status != kTooManyRequests && status != kServiceUnavailable) return std::nullopt;
  if (!retry_after || *retry_after <= Duration::zero()) return std::nullopt;
  return std::min<Duration>(*retry_after, kLongestHold);
}

VerdictKind kind_of_failure(int status, Wish wish) {
  if (status == kGone || wish == Wish::disable) return VerdictKind::disable;
  return wish == Wish::abort ? VerdictKind::abort : VerdictKind::retry;
}

Verdict judge_no_response(const Response& response) {
  EXPOSEE_ASSERT(response.cause != Cause::none, "without a response there is a cause");
  return Verdict{.kind = VerdictKind::retry, .cause = response.cause};
}

}  // namespace

Wish read_wish(std::string_view header) {
  const auto from = header.find_first_not_of(" \t");
  if (from == std::string_view::npos) return Wish::none;
  const auto word = ascii_lower_case(header.substr(from, header.find_last_not_of(" \t") - from + 1));
  if (word == "disable") return Wish::disable;
  return word == "abort" ? Wish::abort : Wish::none;
}

Verdict judge(const Response& response, Instant now, std::optional<Duration> max_retry_after) {
  if (response.status == 0) return judge_no_response(response);
  const Wish wish = read_wish(response.webhook_delivery);
  if (response.status >= 200 && response.status <= 299) {
    return Verdict{.kind = VerdictKind::success, .disable_endpoint = wish == Wish::disable};
  }
  Verdict verdict{.kind = kind_of_failure(response.status, wish),
                  .cause = Cause::http,
                  .slow_down = is_slow_down(response.status)};
  verdict.disable_endpoint = verdict.kind == VerdictKind::disable;
  const auto retry_after = wait_of(response, now, max_retry_after);
  if (verdict.kind == VerdictKind::retry) verdict.retry_after = retry_after;
  if (!verdict.disable_endpoint) verdict.hold = hold_of(response.status, retry_after);
  return verdict;
}

}  // namespace exposee
