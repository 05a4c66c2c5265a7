// A queue is what the attempts at one endpoint stand in: so many are in flight, the others wait for their turn
// in the order in which they came. So the engine may hand out more than may start, and when one ends the next
// begins at once, also while the engine waits for the disk. Owned by SenderCore, on its loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "core/ids.h"
#include "net/client/attempt.h"

namespace exposee::net {

using WaitingAttempts = AttemptList<&Attempt::waiting>;

struct EndpointQueue {
  EndpointNumber endpoint;
  std::uint32_t in_flight = 0;  // of those that have a limit
  WaitingAttempts waiting;
  bool full = false;             // the engine has no more places for the endpoint: it waits for an outcome
  std::uint32_t unfinished = 0;  // reported, and their bodies still come
  bool being_served = false;
  bool freed = false;       // SenderCore: a slot became free, and others wait
  std::size_t targets = 0;  // that point here: an endpoint that has changed has several for a while

  bool has_room_for(const Attempt& attempt) const { return in_flight < attempt.job.max_in_flight; }
};

class EndpointQueues {
 public:
  // The endpoint's queue; counted as used until leave().
  EndpointQueue& enter(EndpointNumber endpoint) {
    auto& queue = queues_[endpoint];
    queue.endpoint = endpoint;
    ++queue.targets;
    return queue;
  }
  // Forgets it when it was the last.
  void leave(EndpointQueue& queue) {
    if (--queue.targets == 0) queues_.erase(queue.endpoint);
  }

 private:
  std::unordered_map<EndpointNumber, EndpointQueue> queues_;
};

}  // namespace exposee::net
