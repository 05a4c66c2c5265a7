// Reads that fail. What is damaged of one endpoint's costs only itself: it is told once and looked at
// again, less and less often, while all others go on. Owned by the Dispatcher; engine's thread only.
#pragma once

#include "core/result.h"
#include "engine/dispatch/scheduler.h"
#include "engine/registry.h"
#include "ports/observer.h"

namespace exposee::engine {

class ReadTroubles {
 public:
  ReadTroubles(const Registry& registry, Observer& observer, Scheduler& scheduler)
      : registry_(registry), observer_(observer), scheduler_(scheduler) {}

  // It is the whole store's, and passes.
  static bool is_of_the_store(const Error& error) {
    return error.code == ErrorCode::full || error.code == ErrorCode::unavailable;
  }
  // Nothing: the lane waits, and the caller goes on with the others.
  Result<void> bear(Lane& lane, LaneRead what, const Error& error);
  // The lane waits, whatever the error is: one of another connection, or of one endpoint's pages, says
  // nothing about what the writer can do.
  void put_off(Lane& lane, LaneRead what, const Error& error);
  // The first event of such a read cannot be read now, again and again: whether it is put off by itself, so
  // that those behind it come. The lane waits until it has been tried so often.
  bool is_to_be_put_off(Lane& lane, LaneRead what, EventSeq event, const Error& error);
  // A pack of the lane's is not on disk: what stands for it was read.
  void tell_missing(const Lane& lane, const PackStretch& pack);

 private:
  const Registry& registry_;
  Observer& observer_;
  Scheduler& scheduler_;
};

}  // namespace exposee::engine
