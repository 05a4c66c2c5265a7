// Whether the next attempt at one endpoint may start. All of the rule is here: whether the endpoint is open,
// order (D10), what was asked for by hand, how many are under way, its share of the server's, a hold by the
// receiver, what this machine lacked last, the breaker, dates that are due, the rate; and the state of all of
// these. Only what concerns all endpoints alike is decided elsewhere: a stop, a store that fails
// (Engine::dispatch). Engine's thread only; part of a lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/circuit_breaker.h"
#include "core/failing_days.h"
#include "core/token_bucket.h"
#include "core/verdict.h"
#include "engine/commands.h"
#include "engine/lane/backlog.h"
#include "engine/lane/pace.h"
#include "engine/lane/retries.h"

namespace exposee::engine {

constexpr std::size_t kShareOfFree = 4;  // a lane may hold as many slots as a quarter of those still free
constexpr std::size_t kAheadBody = 4u << 10;  // bytes of an event that may run ahead: they stay in memory
// So much of a failing day may be forgotten by a crash: each note is a row of a turn.
constexpr Duration kNoteFailingDays{3'600'000'000};
// How long an endpoint waits after an attempt that could not begin for want of something on this machine;
// twice as long each time, until one has begun.
constexpr Duration kShortestHoldOff{100'000};
constexpr Duration kLongestHoldOff{5'000'000};

// What the gate looks at beside itself: the lane's deliveries, ...
struct Work {
  const Backlog& backlog;  // first attempts
  const Retries& retries;
  const Pace& pace;
  std::size_t in_flight;  // handed out and not answered
  std::size_t unsettled;  // answered, but the outcome is not on disk yet
  bool has_set_aside;     // or never will be, of some (engine/lane/set_aside.h)
};
// ... and what is under way at all endpoints.
struct Occupancy {
  std::size_t free;            // slots
  bool fast_full, fast_dense;  // as many at fast receivers as this machine carries, or nearly
};

class Gate {
 public:
  // --- the rule -----------------------------------------------------------------------------------------
  // Whether the lane's next attempt may start now. If so it has its token of the rate, and must start.
  bool admit(const Work& work, const Occupancy& occupancy, Instant now) {
    return has_slot(work) && has_share(work, occupancy) && may_start(work, now) && rate_.take(now);
  }
  // Its parts. Whether one more may be handed to the sender: to start, or to wait there for its turn.
  bool has_slot(const Work& work) const;
  // The more attempts are under way, the fewer any single lane may add: so lanes that hang share what they
  // take among themselves, and there is always something left for one that does not.
  bool has_share(const Work& work, const Occupancy& occupancy) const;
  bool may_start(const Work& work, Instant now) const;  // but for its rate
  bool has_work(const Work& work, Instant now) const;   // of its own accord
  bool is_due(const Work& work, Instant now) const;  // likewise, or would have once a retry's event is read
  bool has_asked(const Work& work, Instant now) const;  // by hand, and may start

  // Whether a retry may start as soon as it has its event, a place, its turn and a token of the rate.
  bool may_try(Instant now) const {
    return open_ && now >= held_off_until_ && !is_held(now) && breaker_.allows(now);
  }
  bool may_try_by_hand(Instant now) const {
    return open_ && now >= held_off_until_ && breaker_.allows_by_hand();
  }

  // When to look again if nothing can start now; nothing when only news can change that.
  std::optional<Instant> look_again_at(const Work& work, Instant now) const;
  // No attempt starts of its own accord until something changes, but for probes: a handful of events is
  // enough.
  bool is_stopped(Instant now) const {
    return !open_ || breaker_.state() != BreakerState::closed || is_held(now);
  }
  // Nothing is in the way of what waits here for its date: it may be brought forward.
  bool may_catch_up(const Work& work, Instant now) const;
  // Of an ordered endpoint: whether it is this event's turn.
  bool is_next(const Work& work, EventSeq event) const;
  // What a pending row waits for that is not under way.
  Waiting waiting(const Work& work, const DeliveryRow& row, Instant now) const;

  // --- what it knows ------------------------------------------------------------------------------------
  bool is_open() const { return open_; }
  bool is_ordered() const { return ordered_; }
  // Not while it fails.
  bool may_be_fast(const Pace& pace) const { return pace.speed().may_be_fast() && !failing_since_; }
  bool is_held(Instant now) const { return held_until_ && *held_until_ > now; }
  std::optional<Instant> held_until() const { return held_until_; }
  // What is new about its hold since this was asked last.
  enum class HoldNews : std::uint8_t { none, begun, over };
  HoldNews hold_news(Instant now);
  std::optional<Instant> failing_since() const { return failing_since_; }
  const FailingDays& failing_days() const { return failing_days_; }
  const CircuitBreaker& breaker() const { return breaker_; }
  // What is to be written down of its failing days, if anything; `anew`: whatever was noted before is of
  // another time.
  std::optional<FailingDaysNote> failing_days_to_note(Duration running, bool anew) const;

  // --- what happens -------------------------------------------------------------------------------------
  // Attempts may start: it is not paused, disabled or removed. A time for which it was shut is not time in
  // which it could have been tried.
  void set_open(bool open, Instant now);
  void shut() { open_ = false; }  // it is about to be disabled
  void set_ordered(bool ordered) { ordered_ = ordered; }
  void set_rate(std::uint32_t per_second, Instant now) { rate_.set_rate(per_second, now); }
  void begin_anew();  // how it fared before says nothing of now
  // After a start.
  void resume_failing(std::optional<Instant> since) { failing_since_ = since; }
  void resume_failing_days(const FailingDaysNote& note, Duration running);
  void resume_hold(Instant until, Instant now);
  void resume_pending() { was_away_ = true; }  // something failed before, and what was known of it is gone

  // An attempt begins. Whether it is a probe.
  bool begin(bool by_hand);
  void abandon() { breaker_.abandon(); }  // it came to nothing before it was sent
  void note_begun() { held_off_for_ = Duration::zero(); }
  // The receiver is well, as an attempt has shown or a test. Whether it is back from an outage.
  bool note_return(Instant now);
  // An attempt failed, and the receiver named no time.
  void note_failure(Instant now, double unit);
  void note_failing(Instant now) {
    if (!failing_since_) failing_since_ = now;
  }
  // The receiver asked to be left alone until then. A hold that is longer already stays: false.
  bool hold(Instant until, Instant now);
  // Somebody says that it is worth trying at once.
  void resume(Instant now);
  // This machine lacked something for an attempt. Many of them come back together, and count once.
  void note_shortage(Instant now);
  void count_failing_day(Duration running) { failing_days_.note_failure(running); }
  void failing_days_noted(const FailingDaysNote& note) { failing_noted_ = note; }

 private:
  bool may_run_ahead(const Work& work) const;
  Waiting waits_until_due(const DeliveryRow& row, Instant now) const;

  bool open_ = false;
  bool ordered_ = false;            // one event at a time, and its retries before the next event (D10)
  bool was_away_ = false;           // the next success says that it is back
  std::optional<Instant> shut_at_;  // since when it is not open, if it was
  TokenBucket rate_;
  CircuitBreaker breaker_;
  std::optional<Instant> failing_since_;  // every attempt failed since then
  std::optional<Instant> held_until_;     // the receiver asked to be left alone
  bool told_held_ = false;                // as hold_news() said last
  FailingDays failing_days_;              // of that time, those that count (D9)
  FailingDaysNote failing_noted_;         // as last written down
  Duration held_off_for_{};               // zero: it is not
  Instant held_off_until_;
};

}  // namespace exposee::engine
