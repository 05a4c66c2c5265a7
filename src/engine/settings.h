// What an operator may set about the engine, with the defaults. A value; owned by the engine.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/event_pack.h"
#include "core/registry.h"
#include "core/retry_schedule.h"

namespace exposee::engine {

// Far more than a person asks for one delivery, and few enough that a script which asks without end neither
// fills the disk with attempts nor makes one delivery's history unreadable.
constexpr std::uint32_t kMaxRetriesByHand = 1'000;

// How much the engine holds in memory and does in one turn. Nobody sets them but tests, for which small ones
// make every overflow ordinary.
struct EngineLimits {
  std::size_t window = 4096;        // events of one lane held in memory; of others their numbers
  std::size_t stopped_window = 16;  // of a lane that may not start: enough to probe with
  // Of event bodies in memory, each counted once. Past it a lane's window holds its even share, and never
  // less than some dozens of usual events.
  std::size_t body_bytes = 64u << 20;
  std::size_t least_share_bytes = 32u << 10;
  // Taken on by one turn (engine/turn/turn_room.h), some 50 ms of writing: more would hold up outcomes, reads
  // and all other commands for as long as they take. Several times what makes a commit cheap, and above what
  // 256 clients with arrays of 50 send together (make bench, WB).
  std::size_t events_per_turn = 16'384;
  std::size_t event_bytes_per_turn = 16u << 20;  // of their data: as long to write when events are large
  std::size_t read_step = 256;                   // events read back for one lane before the next lane's turn
  std::size_t reads_per_turn = 1024;             // events and rows read back in one turn: bounds its time
  std::size_t read_bytes_per_turn = 4u
                                    << 20;  // and of their bodies: sixteen of the largest, some milliseconds
  std::size_t retry_window = 256;           // pending rows of one lane held in memory, the soonest; twice, as
                                            // those that were asked for by hand stand in a line of their own
  std::size_t stopped_retries = 16;         // of either, and of their events, of a lane that may not start
  // Rows of one lane that change while some are read, which takes milliseconds: more than may be under way at
  // most endpoints. Half a megabyte, while it lasts.
  std::size_t retries_meanwhile = 4096;
  std::size_t retry_events = 128;  // and of those that are due, so many events: as many as may be under way
  std::size_t retries_per_turn = 256;  // retries whose events are asked for in one turn
  std::size_t few_retries = 16;        // may wait while others run ahead: their events are read back
  std::size_t lane_quantum = 16;       // attempts one lane may start before the next lane's turn
  // What is brought forward for an endpoint that is back (engine/lane/catch_up.h).
  std::size_t catch_ups_per_turn = 4;      // lanes, by a step each
  std::uint32_t catch_up_scan = 512;       // rows looked at for a step: bounds its time
  std::uint32_t first_catch_up_step = 8;   // deliveries at once, first
  std::uint32_t most_catch_up_step = 256;  // and at most: bounds the time of a turn
  std::size_t outcome_batch = 64;          // so many wait for nothing more: bounds what a crash repeats
  std::size_t division_writes = 48;  // of one turn that is divided: some twenty pieces that are at fault
  std::uint32_t resume_page = 4096;  // events read back at once, by a start
  std::size_t pack_bytes = kEventPackBytes;  // of one pack of numbers on disk (core/event_pack.h)
  std::size_t packs_per_checkpoint = 256;    // put, and as many removed: some milliseconds
  Duration pack_after{5'000'000};            // numbers that only memory knows for so long are written
  // Deliveries that wait in all fast lanes together before they press (engine/lane/backpressure.h), shared
  // evenly among those that have any: some 20 ms of work. More would not keep this machine busier, only make
  // every delivery later and the store's writes more scattered.
  std::size_t pile = 2048;
  std::size_t least_pile = 16;  // of one lane: below it nothing presses
  // Events of one type let go at once when its pressure ends. All that wait could be more than lanes hold in
  // memory: what did not fit would have to be read back from the store, event by event. And one long turn
  // would leave the sender without work: a quarter as many carry a tenth more (make bench, WB).
  std::size_t released = 256;
  // Steps of housekeeping (engine/housekeeping.h): each holds up the turns.
  std::uint64_t cancel_step = 1000;         // rows ended: some milliseconds
  std::uint64_t first_expire_step = 1'000;  // rows removed; then as many as take kStepTime (step_size.h)
  std::uint64_t least_expire_step = 100;    // so that it comes to an end on the slowest disk
  std::uint64_t most_expire_step = 10'000;  // rows that suddenly take ten times as long: 0.1 s, once
  std::size_t forget_step = 32;             // removed endpoints looked at: some milliseconds
  std::uint64_t ended_step = 256;           // subscriptions looked at: a millisecond or two
};
inline constexpr EngineLimits kUsualLimits{};

struct EngineSettings {
  std::chrono::milliseconds attempt_timeout{15'000};  // of endpoints that set none (D7)
  RetrySchedule schedule = default_retry_schedule();  // of endpoints that set none (D6)
  std::uint32_t max_in_flight_per_endpoint = 128;     // concurrency of endpoints that set none
  std::uint32_t max_in_flight = 8192;                 // of all endpoints together
  std::uint32_t fast_concurrency = 1024;  // handed out for fast receivers: see engine/lane/fast_flights.h
  Duration retention{
      std::chrono::days{30}};  // of events that owe nothing any more, with their attempts (D13)
  std::uint32_t max_retries_by_hand = kMaxRetriesByHand;  // of one delivery (D11)
  std::uint64_t max_pending = 10'000'000;  // deliveries, of endpoints that set none: past it they end (D8)
  // Bytes that stay free on the disk: below it no events are accepted. Nothing: 256 MiB, or a hundredth of
  // the disk if that is less.
  std::optional<std::uint64_t> min_free_disk;
  EngineLimits limits;
};

// Limits of the registry: it is held in memory and every node knows all of it.
constexpr std::size_t kMaxEndpoints = 100'000;
constexpr std::size_t kMaxEventTypes = 1'000;  // ever declared: a removed one keeps its number and name

}  // namespace exposee::engine
