#include "engine/dispatch/scheduler.h"

namespace exposee::engine {

void Scheduler::ready(Lane& lane) {
  lane.fit_retries(now_);
  queue_reads(lane);
  if (lane.lines.ready || !lane.has_slot()) return;
  lane.lines.ready = true;
  ready_.push_back(&lane);
}

Lane& Scheduler::next() {
  auto& lane = *ready_.front();
  ready_.pop_front();
  lane.lines.ready = false;
  return lane;
}

void Scheduler::let_in(std::size_t room, std::size_t fast_room) {
  const auto from = [&](std::deque<Lane*>& waiting, std::size_t most) {
    for (; most > 0 && !waiting.empty(); --most) {
      ready_.push_back(waiting.front());
      waiting.pop_front();
    }
  };
  from(crowded_out_, room);
  from(fast_crowded_out_, std::min(room, fast_room));
}

void Scheduler::rest(Lane& lane, const Occupancy& occupancy, Instant now) {
  queue_reads(lane);
  if (const auto at = lane.reads.again_at(now)) wake(lane, *at);
  const auto work = lane.work();
  if (const auto at = lane.gate.look_again_at(work, now)) return wake(lane, *at);
  if (!lane.gate.has_slot(work) || !lane.gate.may_start(work, now)) return;
  lane.gate.has_share(work, occupancy) ? ready(lane) : stand_aside(lane, occupancy);
}

void Scheduler::stand_aside(Lane& lane, const Occupancy& occupancy) {
  lane.lines.ready = true;
  const bool by_fast_ones = lane.may_be_fast() && occupancy.fast_dense;
  (by_fast_ones ? fast_crowded_out_ : crowded_out_).push_back(&lane);
}

void Scheduler::give_up(ShardSet shards) {
  const auto gone = [&](const Lane* lane) { return shards.has(lane->number); };
  for (auto* line : {&ready_, &crowded_out_, &fast_crowded_out_, &rows_, &retry_events_, &events_})
    std::erase_if(*line, gone);
  std::erase_if(wakes_, [&](const Wake& wake) { return gone(wake.lane); });
}

void Scheduler::wake(Lane& lane, Instant at) {
  auto& wake_at = lane.lines.wake_at;
  if (wake_at && *wake_at <= at) return;
  if (wake_at) wakes_.erase({*wake_at, lane.number, &lane});
  wake_at = at;
  wakes_.insert({at, lane.number, &lane});
}

void Scheduler::wake_due(Instant now) {
  while (!wakes_.empty() && wakes_.begin()->at <= now) {
    auto& lane = *wakes_.begin()->lane;
    wakes_.erase(wakes_.begin());
    lane.lines.wake_at.reset();
    ready(lane);
  }
}

std::optional<Instant> Scheduler::next_wake() const {
  if (wakes_.empty()) return std::nullopt;
  return wakes_.begin()->at;
}

// Who stands in a line without being served keeps the engine from its rest.
bool Scheduler::may_read_rows(const Lane& lane) const {
  return lane.wants_rows(now_);
}

bool Scheduler::may_read_retry_events(const Lane& lane) const {
  return lane.wants_retry_events(now_) && (shares_.has_room_for(lane) || shares_.can_make_room(lane));
}

bool Scheduler::may_read_events(const Lane& lane) const {
  return lane.wants_events(now_) && shares_.has_room_for(lane);
}

void Scheduler::queue_reads(Lane& lane) {
  if (!lane.lines.rows && may_read_rows(lane)) {
    lane.lines.rows = true;
    rows_.push_back(&lane);
  }
  if (!lane.lines.retry_events && may_read_retry_events(lane)) {
    lane.lines.retry_events = true;
    retry_events_.push_back(&lane);
  }
  if (!lane.lines.events && may_read_events(lane)) {
    lane.lines.events = true;
    events_.push_back(&lane);
  }
}

Lane* Scheduler::next_for_rows() {
  auto& lane = *rows_.front();
  rows_.pop_front();
  lane.lines.rows = false;
  return may_read_rows(lane) ? &lane : nullptr;
}

Lane* Scheduler::next_for_retry_events() {
  auto& lane = *retry_events_.front();
  retry_events_.pop_front();
  lane.lines.retry_events = false;
  return may_read_retry_events(lane) ? &lane : nullptr;
}

Lane* Scheduler::next_for_events() {
  auto& lane = *events_.front();
  events_.pop_front();
  lane.lines.events = false;
  return may_read_events(lane) ? &lane : nullptr;
}

}  // namespace exposee::engine
