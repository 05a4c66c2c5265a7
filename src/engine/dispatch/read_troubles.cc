#include "engine/dispatch/read_troubles.h"

namespace exposee::engine {

Result<void> ReadTroubles::bear(Lane& lane, LaneRead what, const Error& error) {
  if (is_of_the_store(error)) return error;
  put_off(lane, what, error);
  return {};
}

void ReadTroubles::put_off(Lane& lane, LaneRead what, const Error& error) {
  if (lane.reads.failed(what, scheduler_.now())) {
    observer_.row_in_trouble({"endpoint", registry_.find(lane.number)->endpoint->id.text(),
                              "what waits for it cannot be read: " + error.message +
                                  " It is looked at again later; nobody else is held up"});
  }
  scheduler_.wake(lane, *lane.reads.again_at(scheduler_.now()));
}

bool ReadTroubles::is_to_be_put_off(Lane& lane, LaneRead what, EventSeq event, const Error& error) {
  put_off(lane, what, error);
  // In an ordered lane what comes later would be sent first.
  if (lane.gate.is_ordered() || lane.reads.failures(what) < kTriesOfAnEvent) return false;
  const bool is_one_of_many = lane.reads.failures(what) > kTriesOfAnEvent;
  lane.reads.put_off(what);
  if (is_one_of_many) {  // of a long stretch one a second
    lane.reads.failed(what, scheduler_.now());
    scheduler_.wake(lane, *lane.reads.again_at(scheduler_.now()));
  }
  observer_.row_in_trouble({"event", std::to_string(event.value),
                            "it cannot be read: " + error.message +
                                " Its deliveries are put off and tried every minute; all others go on"});
  return true;
}

void ReadTroubles::tell_missing(const Lane& lane, const PackStretch& pack) {
  observer_.row_in_trouble({"backlog_pack",
                            std::to_string(lane.number.value) + " " + std::to_string(pack.first.value),
                            "it is missing; what it named is looked for among all events"});
}

}  // namespace exposee::engine
