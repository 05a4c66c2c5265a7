// A lane: everything the engine holds in memory for one endpoint. Its queues are windows over the store, so
// that a dead endpoint's backlog costs disk, not memory. Engine's thread only; owned by the Dispatcher.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "core/circuit_breaker.h"
#include "core/event.h"
#include "core/failing_days.h"
#include "core/token_bucket.h"
#include "core/verdict.h"
#include "engine/lane/backlog.h"
#include "engine/lane/catch_up.h"
#include "engine/lane/read_back_off.h"
#include "engine/lane/retry_window.h"
#include "engine/lane/speed.h"
#include "engine/registry.h"
#include "ports/sender.h"
#include "ports/store.h"

namespace exposee::engine {

// Attempts at once at a fast receiver whose endpoint sets no limit of its own: more only wait in its queue,
// on sockets that have left the caches by their turn (make bench, WB: 64 carry a tenth more than 128).
constexpr std::uint32_t kFastAtOnce = 64;
// Jobs the sender may hold for each attempt that may be under way, of an endpoint that does well: what it
// gets through while the engine is busy with its next turn. No more, and earned by prompt answers only, so
// that the last of them is answered within kSoon (engine/lane/fast_flights.h), and a slow turn to spare.
constexpr std::uint32_t kAheadOfEach = 9;
constexpr Duration kPromptResponse{5'000};
constexpr std::size_t kFewRetries = 16;       // may wait while others run ahead: their events are read back
constexpr std::size_t kAheadBody = 4u << 10;  // bytes of an event that may run ahead: they stay in memory
// So much of a failing day may be forgotten by a crash: each note is a row of a turn.
constexpr Duration kNoteFailingDays{3'600'000'000};
// How long an endpoint waits after an attempt that could not begin for want of something on this machine;
// twice as long each time, until one has begun.
constexpr Duration kShortestHoldOff{100'000};
constexpr Duration kLongestHoldOff{5'000'000};
constexpr double kAllowanceStep = 0.25;      // per answer: a quarter of what is in flight per round trip

struct Lane {
  explicit Lane(EndpointNumber n, const EngineLimits& l = kUsualLimits) : number(n), limits(l), backlog(l) {}

  EndpointNumber number;
  const EngineLimits& limits;
  TargetRef target;
  std::uint32_t limit = 1;  // attempts at once
  std::uint32_t limit_when_fast = kFastAtOnce;
  double allowance = 1;  // of the limit: see note_success() and note_failure()
  bool open = false;     // attempts may start: not paused, disabled or removed
  std::optional<Instant> shut_at;  // since when it is not, if it was
  bool ordered = false;  // one event at a time, and its retries before the next event (D10)
  TokenBucket rate;
  CircuitBreaker breaker;
  std::optional<Instant> failing_since;  // every attempt failed since then
  std::optional<Instant> held_until;     // the receiver asked to be left alone
  FailingDays failing_days;              // of that time, those that count (D9)
  FailingDaysNote failing_noted;         // as last written down
  bool was_away = false;                 // the next success says that it is back
  std::uint32_t in_flight = 0;           // handed out and not answered
  bool waits_outside = false;            // the sender was given more than it may start
  std::uint32_t ahead = 0;               // so many more, as long as it does well: see note_success()
  std::uint32_t unsettled = 0;           // answered, but the outcome is not on disk yet
  std::vector<std::uint32_t> slots;      // of the Dispatcher, in which its attempts are under way
  std::uint64_t owed = 0;                // deliveries not final
  std::uint64_t max_pending = 0;         // so many may be: what is owed beyond ends at once
  bool is_full = false;                  // so many are
  Backlog backlog;                         // deliveries not attempted yet
  RetryWindow retries;  // by schedule
  RetryWindow by_hand;  // asked for: before all others, whatever the breaker and a hold say
  CatchUp catch_up;
  bool catching_up = false;  // stands in the Dispatcher's line of those that want a step
  bool retry_turn = false;   // retries and first attempts take turns
  bool queued = false;       // stands in the Dispatcher's ready queue
  bool refilling = false;    // stands in its refill queue
  bool listed = false;       // stands in its list of lanes with work
  std::optional<Instant> wake_at;
  ReadBackOff reads;        // of what the store holds of it
  std::vector<EventRef> set_aside;  // first attempts of which nothing can be stored, without bodies
  Duration held_off_for{};  // see note_shortage(); zero: it is not
  Instant held_off_until;
  Speed speed;
  bool lags_by_itself = false;          // see engine/lane/backpressure.h
  bool piled = false;                   // likewise
  std::vector<TypeNumber> pressing_on;  // see engine/lane/backpressure.h; empty: it does not press

  // Not while it fails.
  bool is_fast() const { return speed.is_fast() && !failing_since; }
  // How many of its attempts may be under way. Judged by the usual answer: the best one of a receiver whose
  // time varies must not hold it back.
  std::uint32_t at_once() const {
    return speed.usual() < kFastReceiver ? std::min(limit, limit_when_fast) : limit;
  }
  // Whether one more may be handed to the sender: to start, or to wait there for its turn.
  bool has_slot() const;
  bool may_run_ahead() const;
  bool is_held(Instant now) const { return held_until && *held_until > now; }
  // No attempt starts of its own accord until something changes, but for probes: a handful of events is enough.
  bool is_stopped(Instant now) const {
    return !open || breaker.state() != BreakerState::closed || is_held(now);
  }
  // Events that its window may hold.
  std::size_t window(Instant now) const { return is_stopped(now) ? limits.stopped_window : limits.window; }
  bool has_room(Instant now) const { return backlog.size() < window(now); }
  bool has_work(Instant now) const;    // of its own accord
  bool has_asked(Instant now) const;   // by hand, and may start
  bool may_start(Instant now) const;   // but for its rate
  // From the store: events, for which there must be memory, or the rows of its next retries.
  bool wants_events(Instant now) const;
  bool wants_rows() const { return open && (retries.wants_refill() || by_hand.wants_refill()); }
  // The next delivery to attempt, off its queue: a pending row or a fresh event.
  std::optional<std::variant<DeliveryRow, EventRef>> next(Instant now);
  // A row that was handed out and did not start.
  void take_back(const DeliveryRow& row) { (row.asked ? by_hand : retries).add(row); }
  // Its outcome is on disk, or no outcome is to be written any more.
  void forget(EventSeq event);
  // When to look again if nothing can start now; nothing when only news can change that.
  std::optional<Instant> look_again_at(Instant now) const;
  void note_success(Duration took, Instant now);
  void note_shortage(Instant now);
  void note_failure(Instant now, const Verdict& verdict, double unit);
  // The receiver is well, as an attempt has shown or a test.
  void note_return(Instant now);
  // The receiver asked to be left alone until then. A hold that is longer already stays.
  void hold(Instant until, Instant now);
  // Somebody says that it is worth trying at once.
  void resume(Instant now);
  void slow_down() { allowance = std::max(1.0, std::min<double>(allowance, at_once()) / 2); }
};

}  // namespace exposee::engine
