#include "engine/dispatch/refills.h"

#include <algorithm>
#include <utility>

#include "core/assert.h"

namespace exposee::engine {

BacklogResults Refills::ask() {
  BacklogReads reads{.max_bytes = limits_.read_bytes_per_turn};
  for (auto n = scheduler_.want_events(); n > 0 && asked_events_ < limits_.reads_per_turn; --n) {
    auto* lane = scheduler_.next_for_events();
    if (!lane) continue;
    ask_for(*lane, reads);
    scheduler_.ready(*lane);
  }
  asked_events_ = 0;
  if (reads.windows.empty()) return {};
  asked_ = true;
  return reads_.read(std::move(reads));
}

// While there is memory a lane takes what it has places for; past that one event, or what makes up its share.
// What is asked for is counted as if it were here, no more than all may bring.
void Refills::ask_for(Lane& lane, BacklogReads& reads) {
  const auto most = std::min(places(lane), limits_.reads_per_turn - asked_events_);
  const auto room = shares_.room_for(lane);
  if (most == 0 || room == 0 || !lane.wants_events(scheduler_.now())) return;
  auto read = lane.backlog.ask(most);
  if (!read) return;
  read->endpoint = lane.number;
  read->max_bytes = room;
  asked_events_ += read->most_events;
  const auto bytes = std::min(room, reads.max_bytes - asked_bytes_);
  asked_bytes_ += bytes;
  shares_.ask(bytes);
  reads.windows.push_back(*std::move(read));
}

void Refills::end_asking() {
  asked_ = false;
  shares_.answered(std::exchange(asked_bytes_, 0));
}

Result<void> Refills::take(Lane& lane, BacklogResult&& result) {
  Result<void> done;
  if (!result.page) {
    lane.backlog.end_read();
    done = reads_.failed(lane, LaneRead::window, result.page.error());
  } else if (!result.is_read) {
    lane.backlog.end_read();
  } else {
    take_read(lane, std::move(result));
  }
  scheduler_.ready(lane);
  return done;
}

void Refills::take_read(Lane& lane, BacklogResult&& result) {
  if (result.pack_is_missing) troubles_.tell_missing(lane, *result.read.pack);
  auto& page = *result.page;
  const bool is_stuck = page.stopped && page.looked_at == 0;
  const auto first = is_stuck ? result.read.events.front() : EventSeq{};
  if (!page.stopped) lane.reads.succeeded(LaneRead::window);
  lane.backlog.take(result);
  if (is_stuck && troubles_.is_to_be_put_off(lane, LaneRead::window, first, *page.stopped))
    put_off_first(lane, first, page);
  take_page(lane, std::move(page));
}

// Unless it does not wait here any more.
void Refills::put_off_first(Lane& lane, EventSeq event, OwedPage& page) {
  const auto next = lane.backlog.next(1);
  if (next.empty() || next.front() != event) return;
  page.looked_at = 1;
  put_off_.push_back({event, lane.number});
}

// Subscriptions may have been closed since it was read.
void Refills::take_page(Lane& lane, OwedPage&& page) {
  const auto& state = *registry_.find(lane.number);
  page.unowed += std::erase_if(
      page.events, [&](const EventRef& e) { return !registry_.owes(lane.number, e->type, e->version); });
  if (state.open.empty()) page.unowed += std::exchange(page.unreadable, {}).size();
  for (const auto event : page.unreadable) unreadable_.push_back({event, lane.number});
  for (auto& event : page.events) event = shares_.bodies().hold_read(std::move(event));
  packing_.list(lane);
  const auto read = page.looked_at;
  const auto unowed = page.unowed;
  owed_.give_up(lane, lane.backlog.refill(read, std::move(page)), unowed);
  EXPOSEE_ASSERT(lane.backlog.is_within_limit(), "a window holds no more than it may (D8)");
  owed_.recount(lane);
}

std::size_t Refills::places(const Lane& lane) const {
  const auto window = lane.window(scheduler_.now());
  return std::min(window - std::min(window, lane.backlog.size()), limits_.read_step);
}

}  // namespace exposee::engine
