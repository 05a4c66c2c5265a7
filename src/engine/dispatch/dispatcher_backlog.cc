// What waits behind the lanes' windows: read when there is room, written so that a start finds it. Both a
// bounded step a turn.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/dispatch/dispatcher.h"

namespace exposee::engine {

void Dispatcher::list(Lane& lane) {
  if (std::exchange(lane.listed, true)) return;
  listed_.push_back(&lane);
}

void Dispatcher::route(const EventRef& event, const std::vector<EndpointNumber>& owed_to, Instant now) {
  if (owed_to.empty()) return;
  now_ = now;
  const auto held = bodies_.hold(event);
  for (const auto number : owed_to) {
    auto& lane = this->lane(number);
    add_owed(lane, 1);
    lane.backlog.push(held, lane.has_room(now) && has_bytes(lane), now);
    list(lane);
    press(lane);
    ready(lane);
  }
}

void Dispatcher::route_unseen(EventSeq event, EndpointNumber number, Instant now) {
  auto& lane = this->lane(number);
  add_owed(lane, 1);
  lane.backlog.push_number(event, now);
  lane.lags_by_itself = true;
  list(lane);
  ready(lane);
}

void Dispatcher::resume_pack(const StartState::Pack& pack) {
  auto& lane = this->lane(pack.key.endpoint);
  add_owed(lane, pack.count);
  lane.backlog.resume({pack.key.first, pack.last, pack.count});
  lane.lags_by_itself = true;
  list(lane);
  ready(lane);
}

void Dispatcher::set_aside(const Event& event, EndpointNumber number) {
  auto& lane = this->lane(number);
  auto bare = std::make_shared<Event>(event);
  bare->body = {};
  lane.set_aside.push_back(std::move(bare));
  list(lane);
}

// --- reading --------------------------------------------------------------------------------------------

// Of bodies, that the lane's window may still take. While there is memory it takes whatever is left, past that
// what makes up its share; one event when it is empty, however large. So a lane that gets none has events to
// start, and asks again with each that starts: nobody need watch for others that give theirs back.
std::size_t Dispatcher::bytes_for(const Lane& lane) const {
  const auto& limits = settings_.limits;
  const auto left = [](std::size_t all, std::size_t used) { return all - std::min(all, used); };
  const auto even = limits.body_bytes / std::max<std::size_t>(1, listed_.size());
  const auto share = std::max(limits.least_share_bytes, even);
  const std::size_t least = lane.backlog.empty() ? 1 : 0;
  return std::max({left(limits.body_bytes, bodies_.bytes()), left(share, lane.backlog.bytes()), least});
}

bool Dispatcher::has_bytes(const Lane& lane) const {
  return bodies_.bytes() < settings_.limits.body_bytes || bytes_for(lane) > 0;
}

std::size_t Dispatcher::refill_size(const Lane& lane) const {
  const auto places = lane.window(now_) - std::min(lane.window(now_), lane.backlog.size());
  return std::min(places, settings_.limits.read_step);
}

// Who stands in the line without being served keeps the engine from its rest.
bool Dispatcher::may_refill(const Lane& lane) const {
  if (lane.reads.waits(now_)) return false;
  return lane.wants_rows() || (lane.wants_events(now_) && has_bytes(lane));
}

void Dispatcher::queue_refill(Lane& lane) {
  if (lane.refilling || !may_refill(lane)) return;
  lane.refilling = true;
  refills_.push_back(&lane);
}

// A lane whose read fails is the last of the line the next time; one whose pages are damaged stands in it again
// after a while (bear()).
Result<void> Dispatcher::refill_some() {
  ReadBudget budget{settings_.limits.reads_per_turn, settings_.limits.read_bytes_per_turn};
  for (auto n = refills_.size(); n > 0 && !budget.is_spent(); --n) {
    auto& lane = *refills_.front();
    refills_.pop_front();
    lane.refilling = false;
    if (!may_refill(lane)) continue;
    if (auto refilled = refill(lane, budget); !refilled) {
      auto borne = bear(lane, refilled.error());
      queue_refill(lane);
      EXPOSEE_TRY(borne);
      continue;
    }
    lane.reads.succeeded();
    ready(lane);
  }
  return {};
}

Result<void> Dispatcher::refill(Lane& lane, ReadBudget& budget) {
  EXPOSEE_TRY(refill_rows(lane, budget));
  EXPOSEE_TRY(refill_events(lane, budget));
  recount(lane);
  return {};
}

Result<void> Dispatcher::refill_rows(Lane& lane, ReadBudget& budget) {
  if (lane.retries.wants_refill()) {
    const auto [due, event] = lane.retries.horizon();
    auto rows = store_.load_pending(lane.number, due, event, kRetryWindow);
    if (!rows) return std::move(rows).error();
    lane.retries.refill(*rows);
    budget.spend(rows->size(), 0);
  }
  if (lane.by_hand.wants_refill()) {
    const auto [due, event] = lane.by_hand.horizon();
    auto rows = store_.load_asked(lane.number, due, event, kRetryWindow);
    if (!rows) return std::move(rows).error();
    lane.by_hand.refill(*rows);
    budget.spend(rows->size(), 0);
  }
  return {};
}

Result<void> Dispatcher::refill_events(Lane& lane, ReadBudget& budget) {
  const auto size = refill_size(lane);
  const auto bytes = std::min(bytes_for(lane), budget.bytes);
  if (size == 0 || bytes == 0) return {};
  if (const auto* pack = lane.backlog.pack_to_load()) {
    auto numbers = store_.load_pack({lane.number, pack->first}, pack->last);
    if (!numbers) return std::move(numbers).error();
    lane.backlog.loaded(*std::move(numbers));
  }
  list(lane);
  const auto wanted = lane.backlog.next(size);
  if (wanted.empty()) return {};
  auto page = store_.load_owed(lane.number, wanted, bytes);
  if (!page) return std::move(page).error();
  for (const auto seq : page->unreadable) unreadable_.push_back({seq, lane.number});
  for (auto& event : page->events) event = bodies_.hold_read(std::move(event));
  const auto read = page->looked_at;
  budget.spend(read, page->bytes);
  const auto given_up = page->unowed;
  const auto fewer = reduce_owed(lane, lane.backlog.refill(read, *std::move(page)));
  given_up_ += std::min(fewer, given_up);
  return {};
}

// Once nothing of the lane is in the store alone, what it is owed can be counted.
void Dispatcher::recount(Lane& lane) {
  if (lane.backlog.has_unread_packs() || lane.retries.has_more() || lane.by_hand.has_more()) return;
  const auto waiting =
      lane.backlog.size() + lane.backlog.numbered() + lane.retries.size() + lane.by_hand.size();
  const auto exact = waiting + lane.in_flight + lane.unsettled;
  if (lane.owed > exact) reduce_owed(lane, lane.owed - exact);
}

// --- writing --------------------------------------------------------------------------------------------

// Those that are set aside are open as long as this process runs: so no mark passes them, and no pack that names
// them goes.
std::vector<const Event*> Dispatcher::first_attempts(const Lane& lane) const {
  std::vector<const Event*> events;
  for (const auto index : lane.slots) {
    if (!slots_[index].flight.row) events.push_back(slots_[index].flight.event.get());
  }
  std::ranges::transform(lane.set_aside, std::back_inserter(events), [](const auto& e) { return e.get(); });
  std::ranges::sort(events, {}, &Event::seq);
  return events;
}

Dispatcher::Checkpoint Dispatcher::checkpoint(EventSeq last, Instant now) {
  Checkpoint checkpoint;
  const auto limit = settings_.limits.packs_per_checkpoint;
  checkpoint.stale = std::min(stale_packs_.size(), limit);
  checkpoint.removed.assign(stale_packs_.begin(),
                            stale_packs_.begin() + static_cast<std::ptrdiff_t>(checkpoint.stale));
  const auto lanes = listed_.size();
  const auto begin = lanes == 0 ? 0 : planned_next_ % lanes;
  for (std::size_t n = 0; n < lanes; ++n) {
    auto& lane = *listed_[(begin + n) % lanes];
    const auto in_flight = first_attempts(lane);
    const auto steps = checkpoint.steps.size();
    if (checkpoint.has_room(limit)) {
      planned_next_ = (begin + n + 1) % lanes;
      plan(lane, in_flight, now, checkpoint);
    }
    const auto* step = steps < checkpoint.steps.size() ? &checkpoint.steps.back().second : nullptr;
    const auto mark = lane.backlog.low_water(in_flight, step, last);
    if (mark < last) checkpoint.marks.push_back({lane.number, mark});
  }
  checkpoint.more = !checkpoint.marks.empty() || !checkpoint.has_room(limit) ||
                    checkpoint.stale < stale_packs_.size();
  return checkpoint;
}

void Dispatcher::plan(Lane& lane, Backlog::InFlight in_flight, Instant now, Checkpoint& checkpoint) {
  const auto limit = settings_.limits.packs_per_checkpoint;
  auto step = lane.backlog.plan({in_flight, lane.is_stopped(now), now, limit - checkpoint.packs.size(),
                                 limit + checkpoint.stale - checkpoint.removed.size()});
  if (!step) return;
  for (const auto first : step->removed) checkpoint.removed.push_back({lane.number, first});
  for (const auto& pack : step->put) checkpoint.packs.push_back({lane.number, pack});
  checkpoint.steps.emplace_back(&lane, *std::move(step));
}

void Dispatcher::checkpointed(const Checkpoint& checkpoint) {
  stale_packs_.erase(stale_packs_.begin(),
                     stale_packs_.begin() + static_cast<std::ptrdiff_t>(checkpoint.stale));
  for (const auto& [lane, step] : checkpoint.steps) lane->backlog.written(step);
  std::erase_if(listed_, [&](Lane* lane) {
    const bool open = lane->in_flight + lane->unsettled + lane->set_aside.size() > 0;
    const bool at_rest = !open && lane->backlog.at_rest(lane->is_stopped(now_));
    if (at_rest) lane->listed = false;
    return at_rest;
  });
}

}  // namespace exposee::engine
