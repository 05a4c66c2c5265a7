// The attempts that are under way, each in a slot: its delivery as it stood when it began, its lane, and the
// ticket by which its result names it. A slot is used again, a ticket never. Owned by the Dispatcher;
// engine's thread only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/dispatch/flight_index.h"
#include "engine/lane/fast_flights.h"
#include "engine/lane/lane.h"
#include "engine/outcome.h"

namespace exposee::engine {

class Flights {
 public:
  Flights(std::size_t limit, std::size_t fast_limit) : limit_(limit), fast_(fast_limit) {}

  std::size_t count() const { return slots_.size() - free_.size(); }
  bool is_full() const { return count() >= limit_; }
  Occupancy occupancy() const { return {limit_ - count(), fast_.full(), fast_.is_dense()}; }
  std::size_t fast_room() const { return fast_.room(); }

  // Begins; the ticket. `handed_at`: when the sender is given it.
  std::uint64_t begin(Lane& lane, Flight&& flight, Instant handed_at);
  // It is answered, or comes back.
  Lane& land(std::uint64_t ticket, Flight& flight);

  const Flight& at(std::uint64_t ticket) const { return slots_.at(index_of(ticket)).flight; }
  // Null: none of the lane's is at this event.
  const Flight* find(const Lane& lane, EventSeq event) const;
  // Its delivery was asked for by hand meanwhile, and is written down as `row`. False: none is at it.
  bool retry(const Lane& lane, const DeliveryRow& row);
  // The lane's endpoint was disabled or removed.
  void cut_off(const Lane& lane);
  // Of the lane's, the events of those that have no row.
  template <class Take>
  void each_first_attempt(const Lane& lane, Take&& take) const {
    for (const auto index : lane.flights.slots) {
      if (const auto& flight = slots_[index].flight; !flight.row) take(*flight.event);
    }
  }

  // Those that are not answered soon are overdue; `take` is told their lanes.
  template <class Take>
  void age(Instant now, Take&& take) {
    fast_.age(now, [&](std::uint32_t index) {
      auto& lane = *slots_[index].lane;
      lane.pace.note_overdue();
      take(lane);
    });
  }
  std::optional<Instant> ages_at() const { return fast_.ages_at(); }

 private:
  struct Slot {
    Flight flight;
    Lane* lane = nullptr;  // none: free
    std::uint32_t generation = 0;
    std::uint32_t place = 0;  // in LaneFlights::slots
  };
  static std::uint32_t index_of(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket); }
  std::optional<std::uint32_t> slot_of(const Lane& lane, EventSeq event) const;
  std::uint32_t take_slot();
  void give_back(std::uint32_t index);

  const std::size_t limit_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  FastFlights fast_;
  mutable FlightIndex index_;  // made as it is asked for
};

}  // namespace exposee::engine
