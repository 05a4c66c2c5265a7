#include "engine/dispatch/retry_events.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

namespace exposee::engine {

Result<EventsRead> RetryEvents::read(std::span<const SendJob> jobs) {
  std::vector<EventSeq> wanted;
  for (const auto& job : jobs) wanted.push_back(flights_.at(job.ticket).row->key.event);
  return bytes_left_ > 0 ? store_.load_events(wanted, bytes_left_) : EventsRead{};
}

// All of this turn at once; the Dispatcher sees to it that they are not too many, and what is too large waits for the
// next one.
Result<void> RetryEvents::fetch(Instant now, std::vector<SendJob>& jobs, std::vector<DeliveryRow>& unowed) {
  bytes_left_ = limits_.read_bytes_per_turn;
  auto events = read(jobs);
  if (events) {
    take(*std::move(events), now, jobs, unowed);
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
  auto events = read(jobs);
  if (events) {
    take(*std::move(events), now, jobs, unowed);
    return {};
  }
  lane.gate.note_shortage(now);
  auto borne = troubles_.bear(lane, events.error());
  put_back(jobs);
  return borne;
}

void RetryEvents::take(EventsRead&& read, Instant now, std::vector<SendJob>& jobs,
                       std::vector<DeliveryRow>& unowed) {
  put_back(jobs, read.looked_at);
  std::unordered_map<EventSeq, EventRef> found;
  for (auto& event : read.events) {
    bytes_left_ -= std::min(bytes_left_, event->body.size());
    const auto seq = event->seq;
    found.emplace(seq, shares_.bodies().hold_read(std::move(event)));
  }
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
    return row.manual || registry_.owes(row.key.endpoint, event->type, event->version);
  };
  if (event && is_owed()) return std::nullopt;
  auto ended = row;
  event ? end_unowed(ended, now) : end_unreadable(ended, now);
  return ended;
}

// They have used up no token of their rate.
void RetryEvents::put_back(std::vector<SendJob>& jobs, std::size_t from) {
  for (const auto& job : std::span(jobs).subspan(from)) {
    auto& lane = flights_.lane_of(job.ticket);
    lane.retries.take_back(*flights_.at(job.ticket).row);
    lane.gate.give_back_token();
    abandon(job);
  }
  jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(from), jobs.end());
}

void RetryEvents::abandon(const SendJob& job) {
  auto& lane = flights_.abandon(job.ticket);
  lane.gate.abandon();
  scheduler_.ready(lane);
}

}  // namespace exposee::engine
