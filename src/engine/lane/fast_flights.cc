#include "engine/lane/fast_flights.h"

#include "core/assert.h"

namespace exposee::engine {

void FastFlights::enter(std::uint32_t slot, Instant now) {
  if (serials_.size() <= slot) serials_.resize(slot + 1);
  EXPOSEE_ASSERT(serials_[slot] == 0, "a slot holds one attempt");
  serials_[slot] = ++last_serial_;
  entries_.push_back({now, slot, last_serial_});
  ++count_;
}

void FastFlights::leave(std::uint32_t slot) {
  if (slot >= serials_.size() || serials_[slot] == 0) return;
  serials_[slot] = 0;
  --count_;
  while (!entries_.empty() && !counts(entries_.front())) entries_.pop_front();
}

std::optional<Instant> FastFlights::ages_at() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.front().since + kLongestFastFlight;
}

}  // namespace exposee::engine
