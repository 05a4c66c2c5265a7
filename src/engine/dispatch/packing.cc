#include "engine/dispatch/packing.h"

#include <algorithm>
#include <iterator>

namespace exposee::engine {

void Packing::list(Lane& lane) {
  if (std::exchange(lane.lines.listed, true)) return;
  lanes_.push_back(&lane);
}

// Those that are set aside are open as long as this process runs: so no mark passes them, and no pack that
// names them goes.
std::vector<const Event*> Packing::open_first_attempts(const Lane& lane) const {
  std::vector<const Event*> events;
  flights_.each_first_attempt(lane, [&](const Event& event) { events.push_back(&event); });
  std::ranges::transform(lane.set_aside.first_attempts(), std::back_inserter(events),
                         [](const auto& e) { return e.get(); });
  std::ranges::sort(events, {}, &Event::seq);
  return events;
}

Packing::Checkpoint Packing::look(EventSeq last, Instant now, bool with_packs) {
  Checkpoint checkpoint;
  if (with_packs) take_stale(checkpoint);
  const auto limit = limits_.packs_per_checkpoint;
  const auto count = lanes_.size();
  const auto begin = count == 0 ? 0 : next_ % count;
  for (std::size_t n = 0; n < count; ++n) {
    const bool has_room = with_packs && checkpoint.has_room(limit);
    if (has_room) next_ = (begin + n + 1) % count;
    look_at(*lanes_[(begin + n) % count], has_room, last, now, checkpoint);
  }
  checkpoint.is_full = with_packs && !checkpoint.has_room(limit);
  checkpoint.more |=
      !checkpoint.marks.empty() || !checkpoint.has_room(limit) || checkpoint.stale < stale_.size();
  return checkpoint;
}

void Packing::take_stale(Checkpoint& checkpoint) const {
  checkpoint.stale = std::min(stale_.size(), limits_.packs_per_checkpoint);
  checkpoint.removed.assign(stale_.begin(), stale_.begin() + static_cast<std::ptrdiff_t>(checkpoint.stale));
}

void Packing::look_at(Lane& lane, bool may_plan, EventSeq last, Instant now, Checkpoint& checkpoint) const {
  const auto in_flight = open_first_attempts(lane);
  const auto steps = checkpoint.steps.size();
  if (may_plan && !lane.reads.waits(LaneRead::packs, now)) plan(lane, in_flight, now, checkpoint);
  const auto* step = steps < checkpoint.steps.size() ? &checkpoint.steps.back().second : nullptr;
  const bool trims_later =
      lane.gate.is_stopped(now) && in_flight.empty() && lane.backlog.is_too_large_for_a_stop();
  checkpoint.more |= trims_later && !(step && step->trim);
  const auto mark = lane.backlog.low_water(in_flight, step, last);
  if (mark < last) checkpoint.marks.push_back({lane.number, mark});
}

void Packing::plan(Lane& lane, Backlog::InFlight in_flight, Instant now, Checkpoint& checkpoint) const {
  const auto limit = limits_.packs_per_checkpoint;
  auto step = lane.backlog.plan({in_flight, lane.gate.is_stopped(now), now, limit - checkpoint.packs.size(),
                                 limit + checkpoint.stale - checkpoint.removed.size()});
  if (!step) return;
  for (const auto first : step->removed) checkpoint.removed.push_back({lane.number, first});
  for (const auto& pack : step->put) checkpoint.packs.push_back({lane.number, pack});
  checkpoint.steps.emplace_back(&lane, *std::move(step));
}

void Packing::checkpointed(const Checkpoint& checkpoint, Instant now) {
  drop_stale(checkpoint.stale);
  for (const auto& [lane, step] : checkpoint.steps) packed(*lane, step);
  std::erase_if(lanes_, [&](Lane* lane) {
    const bool reads = lane->retries.is_reading_events() || lane->retries.held() > 0;
    const bool open = reads || lane->flights.open() > 0 || !lane->set_aside.first_attempts().empty();
    const bool at_rest = !open && lane->backlog.at_rest(lane->gate.is_stopped(now));
    if (!at_rest) return false;
    lane->lines.listed = false;
    lane->release();
    return true;
  });
}

}  // namespace exposee::engine
