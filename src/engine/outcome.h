// From a response to what is written down: pure. Any thread.
#pragma once

#include <optional>

#include "core/registry.h"
#include "core/verdict.h"
#include "ports/store.h"

namespace exposee::engine {

// One attempt that is under way: the delivery it belongs to as it stood when the attempt began.
struct Flight {
  EventRef event;
  EndpointNumber endpoint;
  std::optional<DeliveryRow> row;  // none: the first attempt of a delivery without a row
  std::uint32_t attempt = 1;       // number of this attempt
  bool probe = false;              // it asks whether the endpoint is back
  bool cut_off = false;  // the endpoint was disabled or removed meanwhile: also what was asked by hand ended
  DeliveryKey key() const { return {event->seq, endpoint}; }
};

// What one attempt changes; its own record is an AttemptRow.
struct Concluded {
  DeliveryKey key;
  std::optional<DeliveryRow> row;  // none: a first attempt that succeeded needs no row
  Verdict verdict;
  EventRef event;
  bool was_first = false;  // its delivery had no row
  bool set_aside = false;  // nothing of it can be stored: the delivery stays as it was
};

// `status`: of the response, 0 when there was none. `still_owed`, of a failure: a
// subscription covers the event, or the delivery was retried by hand and not cut off. `unit`: uniform in
// [0,1), for the jitter.
Concluded conclude(Flight&& flight, const Verdict& verdict, int status, const RetrySchedule& schedule,
                   bool still_owed, Instant now, double unit);

// Its event cannot be read any more: nothing can be sent.
void end_unreadable(DeliveryRow& row, Instant now);

// So many wait for its endpoint that it is not taken.
DeliveryRow overflowed(const DeliveryKey& key, Instant now);

}  // namespace exposee::engine
