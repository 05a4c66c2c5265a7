#include "engine/lane/fast_flights.h"

#include <utility>

#include "core/assert.h"

namespace exposee::engine {

void FastFlights::enter(std::uint32_t slot, Instant now, bool counts) {
  if (slots_.size() <= slot) slots_.resize(slot + 1);
  EXPOSEE_ASSERT(slots_[slot].serial == 0 && !slots_[slot].overdue, "a slot holds one attempt");
  slots_[slot] = {.serial = ++last_serial_, .counts = counts};
  entries_.push_back({now, slot, last_serial_});
  if (counts) ++count_;
}

bool FastFlights::leave(std::uint32_t slot) {
  if (slot >= slots_.size()) return false;
  const auto left = std::exchange(slots_[slot], {});
  if (left.counts) --count_;
  while (!entries_.empty() && !stands(entries_.front())) entries_.pop_front();
  return left.overdue;
}

std::optional<Instant> FastFlights::ages_at() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.front().since + kLongestFastFlight;
}

}  // namespace exposee::engine
