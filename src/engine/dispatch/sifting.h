// Ends what an endpoint is owed no more since it unsubscribed: takes it out of its packs, and ends its
// pending rows. Readers leave it out anyway; but until then, which is never for one that stays
// paused, it would keep the events from retention. Owned by the Dispatcher; engine's thread only.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/dispatch/owed_count.h"
#include "engine/lane/lane.h"
#include "ports/store.h"

namespace exposee::engine {

// How far one endpoint's packs, and then its rows, have been looked through.
struct SiftPass {
  EndpointNumber endpoint;
  EventSeq after{};                          // the next ones begin above this
  std::optional<EventSeq> upto{};            // what came later is owed; nothing: it has not begun
  std::optional<RetryWindow::Place> rows{};  // those after it come next; nothing: packs are left
};

enum class SiftEnd : std::uint8_t {
  more,
  waits,  // for a read that is out, or for numbers to be written
  done,
};

class Sifting {
 public:
  Sifting(const EngineLimits& limits, Store& store, OwedCount& owed)
      : limits_(limits), store_(store), owed_(owed) {}

  // A step: some packs, of so many events as are read back for a lane at once, or one larger one; or so many
  // rows. Every row that has ended is on disk.
  Result<SiftEnd> step(NodeEpoch as, Lane& lane, SiftPass& pass, Instant now) {
    return pass.rows ? end_rows(as, lane, pass, now) : sift_packs(as, lane, pass);
  }

 private:
  Result<SiftEnd> sift_packs(NodeEpoch as, Lane& lane, SiftPass& pass);
  Result<SiftEnd> end_rows(NodeEpoch as, Lane& lane, SiftPass& pass, Instant now);

  const EngineLimits& limits_;
  Store& store_;
  OwedCount& owed_;
};

}  // namespace exposee::engine
