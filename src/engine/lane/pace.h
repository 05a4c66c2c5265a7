// How many attempts at one receiver may be under way: one estimate of its speed, and one allowance that
// responses let grow and failures halve. Engine's thread only; part of a lane.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/time.h"
#include "engine/lane/speed.h"

namespace exposee::engine {

constexpr std::uint32_t kFirstAllowance = 8;  // attempts at a receiver that has proved nothing yet
// Concurrency at a fast receiver whose endpoint sets no limit of its own: more only wait in its queue,
// on sockets that have left the caches by their turn (make bench, WB: 64 carry a tenth more than 128).
constexpr std::uint32_t kFastConcurrency = 64;
// Jobs the sender may hold for each attempt that may be under way, of an endpoint that does well: what it
// gets through while the engine is busy with its next turn. No more, and earned by prompt answers only, so
// that the last of them is answered within kLongestFastFlight (engine/lane/fast_flights.h), and a slow turn to spare.
constexpr std::uint32_t kAheadOfEach = 9;
constexpr Duration kPromptResponse{5'000};
constexpr double kAllowanceStep = 0.25;  // per response: a quarter of what is in flight per round trip

class Pace {
 public:
  // `own`: what the endpoint sets, 0: nothing; `usual`: of those that set nothing.
  void set_limit(std::uint32_t own, std::uint32_t usual);

  // --- what it allows ---
  // How many attempts may be under way: the endpoint's concurrency. Judged by the usual response: the best
  // one of a receiver whose time varies must not hold it back.
  std::uint32_t concurrency() const {
    return speed_.usual() < kFastReceiver ? std::min(limit_, limit_when_fast_) : limit_;
  }
  // Whether one more may be under way beside `in_flight` others.
  bool has_slot(std::size_t in_flight) const { return in_flight < concurrency() && fits(in_flight); }
  // ... or be handed to the sender, to wait there for its turn.
  bool may_run_ahead(std::size_t in_flight) const { return allowance_ >= concurrency() && fits(in_flight); }
  std::size_t most_handed_out() const {
    return std::max<std::size_t>(limit_, static_cast<std::size_t>(allowance_));
  }
  const Speed& speed() const { return speed_; }
  double allowance() const { return allowance_; }

  // --- what it learns ---
  // A response came, after so long.
  void note_response(Duration took, Instant now);
  // ... and the receiver did well before: it gets more.
  void grow(Duration took);
  void note_failure(bool slow_down);
  // An attempt that would be answered soon at a fast receiver is not; it has ended.
  void note_overdue();
  void note_overdue_ended() { speed_.note_overdue_ended(); }
  void one_at_a_time() { allowance_ = 1; }
  void begin_anew();  // nothing is proved

 private:
  bool fits(std::size_t in_flight) const { return static_cast<double>(in_flight + 1) <= allowance_; }
  std::uint32_t most_ahead() const { return kAheadOfEach * concurrency(); }
  void end_running_ahead() { allowance_ = std::min<double>(allowance_, concurrency()); }

  std::uint32_t limit_ = 0;  // 0: not set yet
  std::uint32_t limit_when_fast_ = kFastConcurrency;
  double allowance_ = 1;  // so many may be handed out; what is above the concurrency runs ahead
  Speed speed_;
};

}  // namespace exposee::engine
