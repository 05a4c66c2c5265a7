// Events of retries, which are read back as they start; and reads that fail. What is damaged of one endpoint's costs
// only itself: it is told once and looked at again, less and less often, while all others go on.
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "engine/dispatch/dispatcher.h"

namespace exposee::engine {
namespace {

// It is the whole store's, and passes.
bool is_of_the_store(const Error& error) {
  return error.code == ErrorCode::full || error.code == ErrorCode::unavailable;
}

}  // namespace

// Nothing: the lane waits, and the caller goes on with the others.
Result<void> Dispatcher::bear(Lane& lane, const Error& error) {
  if (is_of_the_store(error)) return error;
  if (lane.reads.failed(now_)) {
    observer_.row_in_trouble({"endpoint", registry_.find(lane.number)->endpoint->id.text(),
                              "what waits for it cannot be read: " + error.message +
                                  " It is looked at again later; nobody else is held up"});
  }
  wake(lane, lane.reads.again_at());
  return {};
}

Result<std::vector<EventRef>> Dispatcher::read_events(std::span<const SendJob> jobs) {
  std::vector<EventSeq> wanted;
  for (const auto& job : jobs) wanted.push_back(flight(job.ticket).row->key.event);
  return store_.load_events(wanted);
}

// All of this turn at once; dispatch() sees to it that they are not too many.
Result<void> Dispatcher::fetch_events(Instant now, std::vector<SendJob>& unread,
                                      std::vector<DeliveryRow>& unowed) {
  now_ = now;
  const auto loaded = read_events(unread);
  if (loaded) {
    take_events(*loaded, now, unread, unowed);
    return {};
  }
  if (!is_of_the_store(loaded.error())) return fetch_by_lane(now, unread, unowed);
  put_back(unread);
  return loaded.error();
}

// One of them is in the way. Its lane starts nothing for a while: it would come first again.
Result<void> Dispatcher::fetch_by_lane(Instant now, std::vector<SendJob>& unread,
                                       std::vector<DeliveryRow>& unowed) {
  std::map<EndpointNumber, std::vector<SendJob>> of_lanes;
  for (auto& job : unread) of_lanes[flight(job.ticket).endpoint].push_back(std::move(job));
  unread.clear();
  Result<void> done;
  for (auto& [number, jobs] : of_lanes) {
    const auto loaded = read_events(jobs);
    if (loaded) {
      take_events(*loaded, now, jobs, unowed);
    } else {
      lane(number).note_shortage(now);
      if (auto borne = bear(lane(number), loaded.error()); !borne) done = std::move(borne);
      put_back(jobs);
    }
    std::ranges::move(jobs, std::back_inserter(unread));
  }
  return done;
}

void Dispatcher::take_events(std::span<const EventRef> loaded, Instant now, std::vector<SendJob>& unread,
                             std::vector<DeliveryRow>& unowed) {
  std::unordered_map<EventSeq, EventRef> events;
  for (const auto& event : loaded) events.emplace(event->seq, bodies_.hold_read(event));
  std::erase_if(unread, [&](SendJob& job) {
    auto& slot = slots_[static_cast<std::uint32_t>(job.ticket)];
    const auto& row = *slot.flight.row;
    const auto found = events.find(row.key.event);
    const auto* state = registry_.find(row.key.endpoint);
    const bool readable = found != events.end();
    const bool owed = readable && (row.manual || state->owes(found->second->type, found->second->version));
    if (owed) {
      slot.flight.event = job.event = found->second;
      return false;
    }
    unowed.push_back(row);
    readable ? end_unowed(unowed.back(), now) : end_unreadable(unowed.back(), now);
    slot.lane->forget(row.key.event);
    reduce_owed(*slot.lane, 1);
    abandon(job);
    return true;
  });
}

void Dispatcher::put_back(std::vector<SendJob>& unread) {
  for (const auto& job : unread) {
    auto& slot = slots_[static_cast<std::uint32_t>(job.ticket)];
    slot.lane->take_back(*slot.flight.row);
    abandon(job);
  }
  unread.clear();
}

// It is not sent after all.
void Dispatcher::abandon(const SendJob& job) {
  const auto index = static_cast<std::uint32_t>(job.ticket);
  auto& lane = *slots_[index].lane;
  free_slot(index);
  lane.breaker.abandon();
  ready(lane);
}

}  // namespace exposee::engine
