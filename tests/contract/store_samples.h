// Values to put into a store, each valid and distinct. Test code, any thread.
#pragma once

#include <string>

#include "ports/store.h"

namespace exposee::contract {

// So long after a fixed start.
Instant at(std::int64_t microseconds);

constexpr EventSeq seq(std::uint64_t n) {
  return EventSeq{first_seq(1).value + n - 1};
}  // n from 1
constexpr EndpointNumber endpoint(std::uint64_t n) {
  return EndpointNumber{n};
}
constexpr TypeNumber type(std::uint64_t n) {
  return TypeNumber{n};
}
constexpr RegistryVersion version(std::uint64_t n) {
  return RegistryVersion{n};
}
constexpr DeliveryKey key(std::uint64_t event, std::uint64_t to) {
  return {seq(event), endpoint(to)};
}

EventType sample_type(std::uint64_t number);  // named "sample.type_<number>"
std::string pattern(std::uint64_t of_type);    // that matches it alone: its name
Endpoint sample_endpoint(std::uint64_t number);
// Accepted at(1000 * n); its id is of the same time.
EventRef sample_event(std::uint64_t n, std::uint64_t of_type = 1, std::uint64_t under = 1);
EventRef sample_event_at(std::uint64_t n, Instant accepted_at, std::uint64_t of_type = 1,
                         std::uint64_t under = 1);
AttemptRow sample_attempt(const DeliveryKey& of, std::uint32_t number, int status);  // 0: no answer, time-out
DeliveryRow sample_row(const DeliveryKey& of, DeliveryStatus status, Instant due = at(0));

}  // namespace exposee::contract
