#include "engine/dispatch/flights.h"

#include <algorithm>
#include <utility>

#include "core/assert.h"

namespace exposee::engine {
namespace {

constexpr int kGenerationShift = 32;

void check_start(const Lane& lane, const Flight& flight) {
  const auto in_flight = lane.flights.in_flight();
  EXPOSEE_ASSERT(lane.gate.is_open() && in_flight < lane.pace.most_handed_out(),
                 "a lane that is shut or full starts nothing (D4, D8)");
  EXPOSEE_ASSERT(!lane.gate.is_ordered() || lane.flights.open() == 0, "in order means one at a time (D10)");
  EXPOSEE_ASSERT(!flight.row || flight.row->status == DeliveryStatus::pending, "what is final stays so (D4)");
}

}  // namespace

std::uint32_t Flights::take_slot() {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  return index;
}

std::uint64_t Flights::begin(Lane& lane, Flight&& flight, Instant handed_at) {
  check_start(lane, flight);
  EXPOSEE_ASSERT(!is_full(), "no more are under way at all endpoints together than may be (D8)");
  const auto index = take_slot();
  auto& slot = slots_[index];
  auto& of_lane = lane.flights.slots;
  slot.flight = std::move(flight);
  slot.lane = &lane;
  slot.place = static_cast<std::uint32_t>(of_lane.size());
  of_lane.push_back(index);
  index_.changed();
  ++slot.generation;
  fast_.enter(index, handed_at, lane.may_be_fast());
  return (std::uint64_t{slot.generation} << kGenerationShift) | index;
}

Lane& Flights::land(std::uint64_t ticket, Flight& flight) {
  const auto index = index_of(ticket);
  auto& slot = slots_.at(index);
  EXPOSEE_ASSERT(slot.lane && slot.generation == ticket >> kGenerationShift,
                 "every attempt is answered once");
  auto& lane = *slot.lane;
  flight = std::move(slot.flight);
  give_back(index);
  if (lane.flights.in_flight() == 0) lane.flights.wait_outside = false;
  return lane;
}

// The last of the lane's takes its place among them.
void Flights::give_back(std::uint32_t index) {
  auto& slot = slots_[index];
  index_.changed();
  if (fast_.leave(index)) slot.lane->pace.note_overdue_ended();
  auto& of_lane = slot.lane->flights.slots;
  slots_[of_lane.back()].place = slot.place;
  of_lane[slot.place] = of_lane.back();
  of_lane.pop_back();
  slot.lane = nullptr;
  slot.flight = {};
  free_.push_back(index);
}

std::optional<std::uint32_t> Flights::slot_of(const Lane& lane, EventSeq event) const {
  return index_.find(lane.number, event, [&](auto&& take) {
    for (const auto index : lane.flights.slots) {
      const auto& flight = slots_[index].flight;
      take(flight.row ? flight.row->key.event : flight.event->seq, index);
    }
  });
}

const Flight* Flights::find(const Lane& lane, EventSeq event) const {
  const auto slot = slot_of(lane, event);
  return slot ? &slots_[*slot].flight : nullptr;
}

bool Flights::retry(const Lane& lane, const DeliveryRow& row) {
  const auto slot = slot_of(lane, row.key.event);
  if (!slot) return false;
  slots_[*slot].flight.row = row;
  slots_[*slot].flight.cut_off = false;
  return true;
}

void Flights::cut_off(const Lane& lane) {
  for (const auto index : lane.flights.slots) slots_[index].flight.cut_off = true;
}

}  // namespace exposee::engine
