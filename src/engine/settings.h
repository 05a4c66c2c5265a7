// What an operator may set about the engine, with the defaults. A value; owned by the engine.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/registry.h"
#include "core/retry_schedule.h"

namespace exposee::engine {

// Far more than a person asks for one delivery, and few enough that a script which asks without end neither
// fills the disk with attempts nor makes one delivery's history unreadable.
constexpr std::uint32_t kMaxRetriesByHand = 1'000;

struct EngineSettings {
  std::chrono::milliseconds attempt_timeout{15'000};  // of endpoints that set none (D7)
  RetrySchedule schedule = default_retry_schedule();  // of endpoints that set none (D6)
  std::uint32_t max_in_flight_per_endpoint = 128;     // attempts at once, of endpoints that set none
  std::uint32_t max_in_flight = 8192;                 // attempts at once over all endpoints
  std::uint32_t fast_at_once = 1024;                  // handed out for fast receivers: see engine/lane/fast_flights.h
  Duration retention{
      std::chrono::days{30}};  // of events that owe nothing any more, with their attempts (D13)
  std::uint32_t max_retries_by_hand = kMaxRetriesByHand;  // of one delivery (D11)
  std::uint64_t max_pending_deliveries = 10'000'000;      // backlog budget: past it publishing is refused
};

// Limits of the registry: it is held in memory and every node knows all of it.
constexpr std::size_t kMaxEndpoints = 100'000;
constexpr std::size_t kMaxEventTypes = 1'000;  // ever declared: a removed one keeps its number and name
constexpr std::size_t kMaxPatternsPerEndpoint = 100;

}  // namespace exposee::engine
