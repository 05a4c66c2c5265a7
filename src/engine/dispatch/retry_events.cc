#include "engine/dispatch/retry_events.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

namespace exposee::engine {

Result<std::vector<EventRef>> RetryEvents::read(std::span<const SendJob> jobs) {
  std::vector<EventSeq> wanted;
  for (const auto& job : jobs) wanted.push_back(flights_.at(job.ticket).row->key.event);
  return store_.load_events(wanted);
}

// All of this turn at once; the Dispatcher sees to it that they are not too many.
Result<void> RetryEvents::fetch(Instant now, std::vector<SendJob>& jobs, std::vector<DeliveryRow>& unowed) {
  const auto events = read(jobs);
  if (events) {
    take(*events, now, jobs, unowed);
    return {};
  }
  if (!ReadTroubles::is_of_the_store(events.error())) return fetch_by_lane(now, jobs, unowed);
  put_back(jobs);
  return events.error();
}

// One of them is in the way.
Result<void> RetryEvents::fetch_by_lane(Instant now, std::vector<SendJob>& jobs, std::vector<DeliveryRow>& unowed) {
  std::map<EndpointNumber, std::vector<SendJob>> of_lanes;
  for (auto& job : jobs) of_lanes[flights_.at(job.ticket).endpoint].push_back(std::move(job));
  jobs.clear();
  Result<void> done;
  for (auto& [number, some] : of_lanes) {
    auto& lane = flights_.lane_of(some.front().ticket);
    if (auto fetched = fetch_of(lane, now, some, unowed); !fetched) done = std::move(fetched);
    std::ranges::move(some, std::back_inserter(jobs));
  }
  return done;
}

// A lane whose events cannot be read starts nothing for a while: they would come first again.
Result<void> RetryEvents::fetch_of(Lane& lane, Instant now, std::vector<SendJob>& jobs,
                                   std::vector<DeliveryRow>& unowed) {
  const auto events = read(jobs);
  if (events) {
    take(*events, now, jobs, unowed);
    return {};
  }
  lane.gate.note_shortage(now);
  auto borne = troubles_.bear(lane, events.error());
  put_back(jobs);
  return borne;
}

void RetryEvents::take(std::span<const EventRef> events, Instant now, std::vector<SendJob>& jobs,
                       std::vector<DeliveryRow>& unowed) {
  std::unordered_map<EventSeq, EventRef> found;
  for (const auto& event : events) found.emplace(event->seq, shares_.bodies().hold_read(event));
  std::erase_if(jobs, [&](SendJob& job) {
    auto& flight = flights_.at(job.ticket);
    const auto event = found.find(flight.row->key.event);
    const bool readable = event != found.end();
    auto end = end_of(*flight.row, readable ? event->second.get() : nullptr, now);
    if (!end) {
      flight.event = job.event = event->second;
      return false;
    }
    auto& lane = flights_.lane_of(job.ticket);
    lane.retries.forget(end->key.event);
    owed_.reduce(lane, 1);
    abandon(job);
    unowed.push_back(*std::move(end));
    return true;
  });
}

std::optional<DeliveryRow> RetryEvents::end_of(const DeliveryRow& row, const Event* event, Instant now) const {
  const auto is_owed = [&] {
    return row.manual || registry_.find(row.key.endpoint)->owes(event->type, event->version);
  };
  if (event && is_owed()) return std::nullopt;
  auto ended = row;
  event ? end_unowed(ended, now) : end_unreadable(ended, now);
  return ended;
}

void RetryEvents::put_back(std::vector<SendJob>& jobs) {
  for (const auto& job : jobs) {
    flights_.lane_of(job.ticket).retries.take_back(*flights_.at(job.ticket).row);
    abandon(job);
  }
  jobs.clear();
}

void RetryEvents::abandon(const SendJob& job) {
  auto& lane = flights_.abandon(job.ticket);
  lane.gate.abandon();
  scheduler_.ready(lane);
}

}  // namespace exposee::engine
