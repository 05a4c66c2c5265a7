#include "engine/dispatch/retry_events.h"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/outcome.h"

namespace exposee::engine {

BacklogResults RetryEvents::ask() {
  BacklogReads reads{.max_bytes = limits_.read_bytes_per_turn};
  for (auto n = scheduler_.want_retry_events(); n > 0 && asked_events_ < limits_.retries_per_turn; --n) {
    auto* lane = scheduler_.next_for_retry_events();
    if (!lane) continue;
    ask_for(*lane, reads);
  }
  asked_events_ = 0;
  if (reads.events.empty()) return {};
  asked_ = true;
  return reads_.read(std::move(reads));
}

// From now on the lane has a share. What is asked for is counted as if it were here, no more than all may
// bring.
void RetryEvents::ask_for(Lane& lane, BacklogReads& reads) {
  const auto now = scheduler_.now();
  packing_.list(lane);
  if (shares_.room_for(lane) == 0) {
    if (!shares_.can_make_room(lane)) return;  // it has some to start
    shares_.make_room(lane);
  }
  RetryEventsRead read{.endpoint = lane.number, .life = lane.backlog.life()};
  lane.retries.by_hand().add_wanted(Instant::max(), lane.events_by_hand(now), read.events);
  lane.retries.by_schedule().add_wanted(now, lane.events_by_schedule(now), read.events);
  read.events.resize(std::min(read.events.size(), limits_.retries_per_turn - asked_events_));
  read.max_bytes = shares_.room_for(lane);
  asked_events_ += read.events.size();
  const auto bytes = std::min(read.max_bytes, reads.max_bytes - asked_bytes_);
  asked_bytes_ += bytes;
  shares_.ask(bytes);
  lane.retries.begin_event_read();
  reads.events.push_back(std::move(read));
}

void RetryEvents::end_asking() {
  asked_ = false;
  shares_.answered(std::exchange(asked_bytes_, 0));
}

Result<void> RetryEvents::take(Lane& lane, RetryEventsResult&& result, Instant now,
                               std::vector<DeliveryRow>& ended) {
  Result<void> done;
  lane.retries.end_event_read();
  if (!result.found) {
    done = reads_.failed(lane, LaneRead::retry_events, result.found.error());
  } else if (result.is_read) {
    take_read(lane, std::move(result), now, ended);
  }
  scheduler_.ready(lane);
  return done;
}

void RetryEvents::take_read(Lane& lane, RetryEventsResult&& result, Instant now,
                            std::vector<DeliveryRow>& rows) {
  const auto& found = *result.found;
  if (!found.stopped) lane.reads.succeeded(LaneRead::retry_events);
  if (!found.stopped || found.looked_at > 0) return take_events(lane, std::move(result), now, rows);
  const auto first = result.read.events.front();
  if (!troubles_.is_to_be_put_off(lane, LaneRead::retry_events, first, *found.stopped)) return;
  auto row = lane.retries.take_out(first);
  if (!row) return;
  const auto until = now + kPutOffEvent;  // no sooner than its schedule and the receiver say
  const auto due = std::max({until, row->resumes_at.value_or(until), row->not_before.value_or(until)});
  lane.retries.put_off(rows.emplace_back(*std::move(row)), due);
}

// Rows are judged as they are now: what has been asked for by hand, attempted or unsubscribed meanwhile, they
// know.
void RetryEvents::take_events(Lane& lane, RetryEventsResult&& result, Instant now,
                              std::vector<DeliveryRow>& ended) {
  RetryWindow::EventsOf events;
  for (const auto seq : std::span(result.read.events).first(result.found->looked_at)) events[seq] = nullptr;
  for (auto& event : result.found->events) {
    auto& held = events[event->seq];
    held = shares_.bodies().hold_read(std::move(event));
  }
  lane.retries.take_events(events, [&](const DeliveryRow& row, const Event* event) {
    auto end = end_of(row, event, now);
    if (!end) return true;
    owed_.reduce(lane, 1);
    ended.push_back(*std::move(end));
    return false;
  });
}

std::optional<DeliveryRow> RetryEvents::end_of(const DeliveryRow& row, const Event* event,
                                               Instant now) const {
  const auto is_owed = [&] {
    return row.manual || registry_.owes(row.key.endpoint, event->type, event->version);
  };
  if (event && is_owed()) return std::nullopt;
  auto ended = row;
  event ? end_unowed(ended, now) : end_unreadable(ended, now);
  return ended;
}

}  // namespace exposee::engine
