#include "engine/dispatch/refills.h"

#include <utility>

namespace exposee::engine {

// A lane whose read fails is the last of the line the next time; one whose pages are damaged stands in it again
// after a while (ReadTroubles::bear).
Result<void> Refills::read_some() {
  Budget budget{limits_.reads_per_turn, limits_.read_bytes_per_turn};
  for (auto n = scheduler_.refills(); n > 0 && !budget.is_spent(); --n) {
    auto* lane = scheduler_.next_refill();
    if (!lane) continue;
    if (auto done = read(*lane, budget); !done) {
      auto borne = troubles_.bear(*lane, done.error());
      scheduler_.queue_refill(*lane);
      EXPOSEE_TRY(borne);
      continue;
    }
    lane->reads.succeeded();
    scheduler_.ready(*lane);
  }
  return {};
}

Result<void> Refills::read(Lane& lane, Budget& budget) {
  EXPOSEE_TRY(read_rows(lane, budget));
  EXPOSEE_TRY(read_events(lane, budget));
  recount(lane);
  return {};
}

Result<void> Refills::read_rows(Lane& lane, Budget& budget) {
  if (auto& window = lane.retries.by_schedule(); window.wants_refill()) {
    const auto [due, event] = window.horizon();
    auto rows = store_.load_pending(lane.number, due, event, kRetryWindow);
    if (!rows) return std::move(rows).error();
    window.refill(*rows);
    budget.spend(rows->size(), 0);
  }
  if (auto& window = lane.retries.by_hand(); window.wants_refill()) {
    const auto [due, event] = window.horizon();
    auto rows = store_.load_asked(lane.number, due, event, kRetryWindow);
    if (!rows) return std::move(rows).error();
    window.refill(*rows);
    budget.spend(rows->size(), 0);
  }
  return {};
}

Result<void> Refills::read_events(Lane& lane, Budget& budget) {
  const auto size = places(lane);
  const auto bytes = std::min(shares_.room_for(lane), budget.bytes);
  if (size == 0 || bytes == 0) return {};
  EXPOSEE_TRY(read_pack(lane));
  packing_.list(lane);
  const auto wanted = lane.backlog.next(size);
  if (wanted.empty()) return {};
  auto page = store_.load_owed(lane.number, wanted, bytes);
  if (!page) return std::move(page).error();
  take_page(lane, *std::move(page), budget);
  return {};
}

Result<void> Refills::read_pack(Lane& lane) {
  const auto* pack = lane.backlog.pack_to_load();
  if (!pack) return {};
  auto numbers = store_.load_pack({lane.number, pack->first}, pack->last);
  if (!numbers) return std::move(numbers).error();
  lane.backlog.loaded(*std::move(numbers));
  return {};
}

void Refills::take_page(Lane& lane, OwedPage&& page, Budget& budget) {
  for (const auto seq : page.unreadable) unreadable_.push_back({seq, lane.number});
  for (auto& event : page.events) event = shares_.bodies().hold_read(std::move(event));
  const auto read = page.looked_at;
  budget.spend(read, page.bytes);
  const auto unowed = page.unowed;
  owed_.give_up(lane, lane.backlog.refill(read, std::move(page)), unowed);
}

std::size_t Refills::places(const Lane& lane) const {
  const auto window = lane.window(scheduler_.now());
  return std::min(window - std::min(window, lane.backlog.size()), limits_.read_step);
}

// Once nothing of the lane is in the store alone, what it is owed can be counted.
void Refills::recount(Lane& lane) {
  if (lane.backlog.has_unread_packs() || lane.retries.has_more()) return;
  const auto waiting = lane.backlog.size() + lane.backlog.numbered() + lane.retries.size();
  const auto exact = waiting + lane.flights.open();
  if (lane.owed.count > exact) owed_.reduce(lane, lane.owed.count - exact);
}

}  // namespace exposee::engine
