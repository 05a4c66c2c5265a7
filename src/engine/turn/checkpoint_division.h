// A checkpoint that the store will never take, because of packs in it: they are written lane by lane, by halves,
// apart from the marks. What they say holds whatever the marks are (ports/store.h). A lane whose packs cannot be
// written is told once and left out for a while, longer each time; its mark stays before what it is owed.
// Lives for one turn; the engine's thread.
#pragma once

#include <cstddef>
#include <span>

#include "engine/dispatch/packing.h"
#include "engine/turn/turn_writer.h"
#include "ports/observer.h"

namespace exposee::engine {

class CheckpointDivision {
 public:
  CheckpointDivision(Packing& packing, TurnWriter& writer, Observer& observer, Instant now)
      : packing_(packing), writer_(writer), observer_(observer), now_(now) {}

  // An error passes, and ends it: what is not written yet waits for the next checkpoint.
  Written write_packs(const Packing::Checkpoint& checkpoint);

 private:
  using Step = std::pair<Lane*, BacklogStep>;
  Written write_steps(std::span<const Step> steps);
  Written write_stale(std::span<const PackKey> packs);
  Written write(const Turn& turn);
  void leave_out(Lane& lane);
  bool is_spent() const { return writes_ >= kMostWrites; }

  static constexpr std::size_t kMostWrites = 48;  // as of any turn that is divided (EngineLimits)

  Packing& packing_;
  TurnWriter& writer_;
  Observer& observer_;
  Instant now_;
  std::size_t writes_ = 0;
};

}  // namespace exposee::engine
