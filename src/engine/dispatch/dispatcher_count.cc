// How much is owed after a start. At first every event behind a lane's mark counts, whomever it is owed to;
// what has been looked at is known better. A lane that reads back learns by that. One that does not, because
// it is paused or its window is full, is counted here, a step a turn, once the sum is in the way of what is
// published.
#include <algorithm>

#include "engine/dispatch/dispatcher.h"

namespace exposee::engine {

void Dispatcher::resume_behind(EndpointNumber number, EventSeq low_water, std::uint64_t at_most) {
  auto& lane = this->lane(number);
  if (lane.fresh.behind()) return;
  lane.fresh.start_behind(low_water);
  lane.guess = at_most;
  lane.counted = low_water;
  guessed_.push_back(&lane);
  lane.owed += at_most;
  owed_ += at_most;
  ready(lane);
}

// Events have dense numbers, so the guess is about as many of them, the next after `counted`. What was
// accepted later was counted then.
void Dispatcher::correct_guess(Lane& lane, const OwedPage& page) {
  if (page.scanned_to <= lane.counted && page.more) return;
  const EventSeq end{lane.counted.value + lane.guess};
  const auto found = static_cast<std::uint64_t>(std::ranges::count_if(
      page.events, [&](const EventRef& event) { return event->seq > lane.counted && event->seq <= end; }));
  const auto known = page.more ? std::min(end, page.scanned_to).value - lane.counted.value : lane.guess;
  reduce_owed(lane, known - std::min(known, found));
  lane.guess -= known;
  lane.counted = std::max(lane.counted, page.scanned_to);
}

Result<void> Dispatcher::count_some() {
  if (!must_count()) return {};
  auto& lane = *guessed_.front();
  guessed_.pop_front();
  if (lane.guess == 0) return {};
  guessed_.push_back(&lane);
  if (lane.refilling) return {};
  auto page = store_.load_owed(lane.number, lane.counted, kCountScan, kCountEvents);
  if (!page) return std::move(page).error();
  correct_guess(lane, *page);
  return {};
}

std::vector<LaneMark> Dispatcher::marks(EventSeq last) const {
  std::vector<EventSeq> low(lanes_.size(), last);
  const auto hold = [&](EndpointNumber number, EventSeq unsettled) {
    auto& mark = low[number.value - 1];
    mark = std::min(mark, EventSeq{unsettled.value - 1});
  };
  for (const auto& slot : slots_) {
    if (slot.lane && !slot.flight.row) hold(slot.lane->number, slot.flight.event->seq);
  }
  std::vector<LaneMark> marks;
  for (const auto& lane : lanes_) {
    if (!lane->fresh.empty()) hold(lane->number, lane->fresh.front_seq());
    if (lane->fresh.behind()) hold(lane->number, EventSeq{lane->fresh.cursor().value + 1});
    if (low[lane->number.value - 1] < last) marks.push_back({lane->number, low[lane->number.value - 1]});
  }
  return marks;
}

}  // namespace exposee::engine
