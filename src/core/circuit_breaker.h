// Decides whether an endpoint is worth trying: closed while it responds, open after too many failures,
// half-open while a single probe tests whether it is back. Deliveries that wait for it wait in their lane and
// use up no attempt. Pure; time and randomness are arguments. One thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/time.h"

namespace exposee {

enum class BreakerState : std::uint8_t { closed, open, half_open };
std::string_view to_text(BreakerState state);

constexpr std::uint32_t kBreakerFailures = 20;    // in a row open it
constexpr std::uint32_t kBreakerWindow = 100;     // outcomes over which the failure rate is taken
constexpr double kBreakerRate = 0.75;             // of failures in a full window opens it, too
constexpr Duration kBreakerFirstWait{5'000'000};  // before the first probe; doubles with every failed one
constexpr Duration kBreakerLongestWait{300'000'000};
constexpr double kBreakerJitter = 0.2;  // so that many endpoints of one dead host do not wake together

class CircuitBreaker {
 public:
  BreakerState state() const { return state_; }
  // Whether an attempt may start now; half-open lets exactly one go. `begin` must be called when it does.
  bool allows(Instant now) const;
  // One that was asked for by hand is a probe at once, unless one is under way. When it fails, the breaker's
  // own probe comes when it would have come.
  bool allows_by_hand() const { return state_ != BreakerState::half_open || !probing_; }
  void begin(bool by_hand = false);
  // The attempt that began came to nothing before it was sent.
  void abandon();
  // The next attempt is a probe, without waiting for its time.
  void ask_at_once();
  // The receiver has named a time itself: if it is open, or a probe got that response, the next one goes then.
  void put_off(Instant until);
  // Outcome of an attempt. `unit`: uniform in [0,1).
  void succeeded();
  void failed(Instant now, double unit);
  // When the next probe may go; means something only while open.
  Instant probe_at() const { return probe_at_; }
  bool is_probing() const { return probing_; }
  std::uint32_t failures_in_a_row() const { return in_a_row_; }
  void reset() { *this = {}; }

 private:
  void trip(Instant now, double unit);
  bool too_many() const;

  BreakerState state_ = BreakerState::closed;
  bool probing_ = false;
  bool extra_ = false;  // the probe was asked for by hand, before its time
  std::uint32_t in_a_row_ = 0;
  std::uint32_t seen_ = 0, bad_ = 0;  // of the current window
  Duration wait_ = kBreakerFirstWait;
  Instant probe_at_{};
};

}  // namespace exposee
