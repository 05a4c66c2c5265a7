#include "engine/dispatch/refills.h"

#include <algorithm>
#include <utility>

#include "core/assert.h"

namespace exposee::engine {

// A lane whose read fails is the last of the line the next time; one whose pages are damaged stands in it
// again after a while (ReadTroubles::bear). Where events are waited for, too, half of the turn is theirs.
Result<void> Refills::read_rows() {
  const auto kept = !asked_ && scheduler_.want_events() > 0 ? reads_left_ / 2 : 0;
  for (auto n = scheduler_.want_rows(); n > 0 && reads_left_ > kept; --n) {
    auto* lane = scheduler_.next_for_rows();
    if (!lane) continue;
    if (auto done = read_rows(*lane); !done) {
      auto borne = troubles_.bear(*lane, done.error());
      scheduler_.queue_reads(*lane);
      EXPOSEE_TRY(borne);
      continue;
    }
    if (!lane->backlog.is_reading()) lane->reads.succeeded();  // else it is not known yet how that goes
    scheduler_.ready(*lane);
  }
  reads_left_ = std::max(reads_left_, kept);
  return {};
}

void Refills::ask_for_events() {
  for (auto n = scheduler_.want_events(); n > 0 && reads_left_ > 0; --n) {
    auto* lane = scheduler_.next_for_events();
    if (!lane) continue;
    ask_for(*lane);
    scheduler_.ready(*lane);
  }
}

Result<void> Refills::read_rows(Lane& lane) {
  const auto spend = [&](std::size_t rows) { reads_left_ -= std::min(reads_left_, rows); };
  if (auto& window = lane.retries.by_schedule(); window.wants_refill()) {
    const auto [due, event] = window.horizon();
    auto rows = store_.load_pending(lane.number, due, event, kRetryWindow);
    if (!rows) return std::move(rows).error();
    window.refill(*rows);
    spend(rows->size());
  }
  if (auto& window = lane.retries.by_hand(); window.wants_refill()) {
    const auto [due, event] = window.horizon();
    auto rows = store_.load_asked(lane.number, due, event, kRetryWindow);
    if (!rows) return std::move(rows).error();
    window.refill(*rows);
    spend(rows->size());
  }
  recount(lane);
  return {};
}

// While there is memory a lane takes what it has places for; past that one event, or what makes up its share.
void Refills::ask_for(Lane& lane) {
  const auto most = std::min(places(lane), reads_left_);
  if (most == 0 || !lane.wants_events(scheduler_.now()) || !shares_.has_room_for(lane)) return;
  auto read = lane.backlog.ask(most);
  if (!read) return;
  read->endpoint = lane.number;
  read->max_bytes = shares_.room_for(lane);
  reads_left_ -= read->most_events;
  next_.reads.push_back(*std::move(read));
}

// What is answered here and now.
std::vector<BacklogAnswer> Refills::ask() {
  if (next_.reads.empty()) return {};
  next_.max_bytes = limits_.read_bytes_per_turn;
  auto reads = std::exchange(next_, {});
  if (!reader_) return answer(store_, std::move(reads));
  asked_ = true;
  reader_->read(std::move(reads), *sink_);
  return {};
}

Result<void> Refills::take(Lane& lane, BacklogAnswer&& answer) {
  Result<void> borne;
  if (!answer.page) {
    lane.backlog.end_read();
    if (reader_) {
      troubles_.put_off(lane, answer.page.error());
    } else {
      borne = troubles_.bear(lane, answer.page.error());
    }
  } else if (!answer.is_read) {
    lane.backlog.end_read();
  } else {
    lane.reads.succeeded();
    if (answer.pack_is_missing) troubles_.tell_missing(lane, *answer.read.pack);
    lane.backlog.take(answer);
    take_page(lane, *std::move(answer.page));
  }
  scheduler_.ready(lane);
  return borne;
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
  recount(lane);
}

std::size_t Refills::places(const Lane& lane) const {
  const auto window = lane.window(scheduler_.now());
  return std::min(window - std::min(window, lane.backlog.size()), limits_.read_step);
}

// Once nothing of the lane is in the store alone, what it is owed can be counted.
void Refills::recount(Lane& lane) {
  if (lane.backlog.has_unread_packs() || lane.retries.has_more()) return;
  const auto waiting = lane.backlog.size() + lane.backlog.numbered() + lane.retries.size();
  const auto exact = waiting + lane.flights.open() + lane.set_aside.size();
  if (lane.owed.count > exact) owed_.reduce(lane, lane.owed.count - exact);
}

}  // namespace exposee::engine
