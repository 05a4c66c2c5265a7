// What waits behind the lanes' windows: read when there is room, written so that a start finds it. Both a
// bounded step a turn.
#include <algorithm>
#include <utility>

#include "engine/dispatch/dispatcher.h"

namespace exposee::engine {
namespace {

constexpr std::size_t kLeastRead = 16;           // events read at once, however little room there is
constexpr std::size_t kLargeBody = 256u << 10;   // of an event, by default the largest (limits.max_event_bytes)

}  // namespace

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

// --- reading --------------------------------------------------------------------------------------------

// While there is memory a window may be full, past it none holds more than its share.
bool Dispatcher::has_bytes(const Lane& lane) const {
  const auto& limits = settings_.limits;
  if (bodies_.bytes() < limits.body_bytes || lane.backlog.empty()) return true;
  const auto even = limits.body_bytes / std::max<std::size_t>(1, listed_.size());
  return lane.backlog.bytes() < std::max(limits.least_share_bytes, even);
}

// As many events as fit, were each as large as can be.
std::size_t Dispatcher::refill_size(const Lane& lane) const {
  const auto& limits = settings_.limits;
  const auto places = lane.window(now_) - std::min(lane.window(now_), lane.backlog.size());
  const auto bytes = limits.body_bytes - std::min(limits.body_bytes, bodies_.bytes());
  return std::min({places, limits.read_step, std::max(kLeastRead, bytes / kLargeBody)});
}

void Dispatcher::queue_refill(Lane& lane) {
  if (lane.refilling || !lane.wants_refill(now_)) return;
  lane.refilling = true;
  refills_.push_back(&lane);
}

// A lane whose read fails is the last of the line the next time.
Result<void> Dispatcher::refill_some() {
  std::size_t read = 0;
  for (auto n = refills_.size(); n > 0 && read < settings_.limits.reads_per_turn; --n) {
    auto& lane = *refills_.front();
    refills_.pop_front();
    lane.refilling = false;
    if (!lane.wants_refill(now_)) continue;
    auto rows = refill(lane);
    if (!rows) {
      queue_refill(lane);
      return std::move(rows).error();
    }
    read += *rows;
    ready(lane);
  }
  return {};
}

Result<std::size_t> Dispatcher::refill(Lane& lane) {
  auto rows = refill_rows(lane);
  if (!rows) return rows;
  auto events = refill_events(lane);
  if (!events) return events;
  recount(lane);
  return *rows + *events;
}

Result<std::size_t> Dispatcher::refill_rows(Lane& lane) {
  std::size_t read = 0;
  if (lane.retries.wants_refill()) {
    const auto [due, event] = lane.retries.horizon();
    auto rows = store_.load_pending(lane.number, due, event, kRetryWindow);
    if (!rows) return std::move(rows).error();
    lane.retries.refill(*rows);
    read += rows->size();
  }
  if (lane.by_hand.wants_refill()) {
    const auto [due, event] = lane.by_hand.horizon();
    auto rows = store_.load_asked(lane.number, due, event, kRetryWindow);
    if (!rows) return std::move(rows).error();
    lane.by_hand.refill(*rows);
    read += rows->size();
  }
  return read;
}

Result<std::size_t> Dispatcher::refill_events(Lane& lane) {
  const auto size = has_bytes(lane) ? refill_size(lane) : 0;
  if (size == 0) return 0;
  if (const auto* pack = lane.backlog.pack_to_load()) {
    auto numbers = store_.load_pack({lane.number, pack->first}, pack->last);
    if (!numbers) return std::move(numbers).error();
    lane.backlog.loaded(*std::move(numbers));
  }
  list(lane);
  const auto wanted = lane.backlog.next(size);
  if (wanted.empty()) return 0;
  auto page = store_.load_owed(lane.number, wanted);
  if (!page) return std::move(page).error();
  for (const auto seq : page->unreadable) unreadable_.push_back({seq, lane.number});
  for (auto& event : page->events) event = bodies_.hold(std::move(event));
  const auto read = wanted.size();
  const auto given_up = page->unowed;
  const auto fewer = reduce_owed(lane, lane.backlog.refill(read, *std::move(page)));
  given_up_ += std::min(fewer, given_up);
  return read;
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

std::vector<const Event*> Dispatcher::first_attempts(const Lane& lane) const {
  std::vector<const Event*> events;
  for (const auto index : lane.slots) {
    if (!slots_[index].flight.row) events.push_back(slots_[index].flight.event.get());
  }
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
    if (checkpoint.packs.size() < limit) {
      planned_next_ = (begin + n + 1) % lanes;
      plan(lane, in_flight, now, checkpoint);
    }
    const auto* step = steps < checkpoint.steps.size() ? &checkpoint.steps.back().second : nullptr;
    const auto mark = lane.backlog.low_water(in_flight, step, last);
    if (mark < last) checkpoint.marks.push_back({lane.number, mark});
  }
  checkpoint.more = !checkpoint.marks.empty() || checkpoint.packs.size() >= limit ||
                    checkpoint.stale < stale_packs_.size();
  return checkpoint;
}

void Dispatcher::plan(Lane& lane, Backlog::InFlight in_flight, Instant now, Checkpoint& checkpoint) {
  auto step = lane.backlog.plan({in_flight, lane.is_stopped(now), now});
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
    const bool at_rest = lane->in_flight + lane->unsettled == 0 && lane->backlog.at_rest(lane->is_stopped(now_));
    if (at_rest) lane->listed = false;
    return at_rest;
  });
}

}  // namespace exposee::engine
