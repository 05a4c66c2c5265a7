// A lane: everything the engine holds in memory for one endpoint. Its queues are windows over the store, so
// that a dead endpoint's backlog costs disk, not memory. Each part has its own header; here is what concerns
// several of them. Engine's thread only; owned by the Dispatcher.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "core/event.h"
#include "core/verdict.h"
#include "engine/lane/backlog.h"
#include "engine/lane/gate.h"
#include "engine/lane/pace.h"
#include "engine/lane/read_back_off.h"
#include "engine/lane/retries.h"
#include "engine/lane/set_aside.h"
#include "engine/registry.h"
#include "ports/sender.h"

namespace exposee::engine {

// Its attempts that are under way.
struct LaneFlights {
  std::vector<std::uint32_t> slots;  // of Flights, in which they are
  std::uint32_t unsettled = 0;       // answered, but the outcome is not on disk yet
  bool wait_outside = false;         // the sender was given more than it may start

  std::size_t in_flight() const { return slots.size(); }
  std::size_t open() const { return slots.size() + unsettled; }
};

// Its deliveries that are not final.
struct LaneOwed {
  std::uint64_t count = 0;
  std::uint64_t most = 0;  // so many may be: what is owed beyond ends at once
  bool is_full = false;    // so many are
};

// How it stands with the pressure on its types (engine/lane/backpressure.h).
struct LanePressure {
  bool lags_by_itself = false;
  bool piled = false;
  std::vector<PatternNumber> on;  // what matches them; empty: it does not press
  std::size_t place = 0;          // among the lanes that do, if it does
};

// Where it stands in the Dispatcher's lines.
struct LaneLines {
  bool ready = false;          // of those that could start something, or stand aside for others
  bool rows = false;           // of those that read rows of retries from the store
  bool events = false;         // or events
  bool retry_events = false;   // or the events of retries
  std::uint64_t catch_up = 0;  // its place among those that want a step; 0: it is none of them
  bool listed = false;         // of those with work
  std::optional<Instant> wake_at;
};

struct Lane {
  explicit Lane(EndpointNumber n, const EngineLimits& l = kUsualLimits)
      : number(n), limits(l), backlog(l), retries(l) {}

  EndpointNumber number;
  const EngineLimits& limits;
  TargetRef target;  // none: no attempt was made since the endpoint is as it is
  Gate gate;
  Pace pace;
  Backlog backlog;  // deliveries not attempted yet
  Retries retries;
  LaneFlights flights;
  LaneOwed owed;
  SetAside set_aside;
  ReadBackOff reads;  // of what the store holds of it, and its packs
  LanePressure pressure;
  LaneLines lines;

  Work work() const {
    return {backlog, retries, pace, flights.in_flight(), flights.unsettled, !set_aside.empty()};
  }
  bool has_slot() const { return gate.has_slot(work()); }
  // In doubt yes: its attempts count as those at fast receivers.
  bool may_be_fast() const { return gate.may_be_fast(pace); }
  // In doubt no: what piles up does so because this machine is busy.
  bool is_fast() const { return may_be_fast() && pace.speed().is_fast(); }
  // Deliveries for which no attempt is under way.
  std::uint64_t waiting() const { return owed.count - std::min<std::uint64_t>(owed.count, flights.open()); }

  // Nothing of it waits, is under way or in a line.
  bool is_idle() const;
  // Gives back memory that it needs not while nothing of it is under way.
  void release();

  // Events that its window may hold.
  std::size_t window(Instant now) const {
    return gate.is_stopped(now) ? limits.stopped_window : limits.window;
  }
  bool has_room(Instant now) const { return backlog.size() < window(now); }
  // From the store: events, for which there must be memory, or the rows of its next retries.
  bool wants_events(Instant now) const;
  bool wants_rows(Instant now) const { return wants_rows(false, now) || wants_rows(true, now); }
  bool wants_rows(bool by_hand, Instant now) const;

  // How many events of its retries, by hand and by schedule, it may hold: those that may start soon.
  std::size_t events_by_hand(Instant now) const {
    return gate.may_try_by_hand(now) ? most_retry_events(now) : 0;
  }
  std::size_t events_by_schedule(Instant now) const { return gate.may_try(now) ? most_retry_events(now) : 0; }
  bool wants_retry_events(Instant now) const;
  // It may start less than before, or more.
  void fit_retries(Instant now);

  // --- memory: bodies in its windows, and whether others are on their way ---
  std::size_t body_bytes() const { return backlog.bytes() + retries.bytes(); }
  bool holds_bodies() const { return !backlog.empty() || retries.held() > 0; }
  bool is_reading_bodies() const { return backlog.is_reading() || retries.is_reading_events(); }

  // The next delivery to attempt, off its queue: a retry or a fresh event.
  std::optional<std::variant<Retry, EventRef>> next(Instant now);
  void note_success(Duration took, Instant now);
  void note_failure(Instant now, const Verdict& verdict, double unit);
  // The receiver is well, as an attempt has shown or a test.
  void note_return(Instant now);
  // Nothing of before is owed any more but what is under way, and how that fares says nothing of after.
  void begin_anew();

 private:
  std::size_t most_retry_events(Instant now) const {
    return gate.is_stopped(now) ? limits.stopped_retries : limits.retry_events;
  }
};

}  // namespace exposee::engine
