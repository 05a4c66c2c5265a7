#include "engine/turn/checkpoints.h"

#include <algorithm>

namespace exposee::engine {

void Checkpoints::begin(Instant now) {
  at_ = now + kCheckpointInterval;
  dirty_ = true;
}

void Checkpoints::put_into(Turn& turn, EventSeq last, Instant now) {
  began_ = clock_.monotonic();
  taken_ = dispatcher_.checkpoint(last, now);
  turn.checkpoint = Checkpoint{last, taken_->marks, dispatcher_.shards().held};
  turn.removed_packs = taken_->removed;
  turn.packs = taken_->packs;
}

void Checkpoints::settle(Instant now, bool wrote, bool ending) {
  if (taken_ || at_ <= now) at_ = now + until_next();
  const bool lags = taken_ && taken_->more && !ending;
  dirty_ = wrote || lags || (dirty_ && !taken_);
  if (!taken_) return;
  dispatcher_.checkpointed(*taken_);
  if (!dispatcher_.shards().leaving.empty()) {
    dispatcher_.let_go();
    dirty_ = true;  // what comes back to its lane is written nowhere, and must not keep the others
  }
  taken_.reset();
  chore_.succeeded(now, observer_);
}

Duration Checkpoints::until_next() const {
  if (!taken_ || !taken_->is_full) return kCheckpointInterval;
  return std::clamp(kCheckpointShare * (clock_.monotonic() - began_), kCheckpointSoon, kCheckpointInterval);
}

Written Checkpoints::write_taken(TurnWriter& writer, EventSeq last, Instant now) {
  Turn turn;
  put_into(turn, last, now);
  auto written = writer.write_alone(turn, now);
  if (!comes_again(written)) return written;
  CheckpointDivision division(dispatcher_.packing(), writer, observer_, now);
  if (auto packs = division.write_packs(*taken_); !packs) return packs;
  taken_ = dispatcher_.packing().marks(last, now);
  const Turn marks{.checkpoint = Checkpoint{last, taken_->marks, dispatcher_.shards().held}};
  return writer.write_alone(marks, now);
}

Written Checkpoints::write_alone(TurnWriter& writer, EventSeq last, Instant now, bool ending) {
  auto written = write_taken(writer, last, now);
  if (written) {
    settle(now, false, ending);
    return written;
  }
  drop();
  if (!comes_again(written)) return written;
  chore_.failed(written.error, now, observer_);
  at_ = chore_.due();
  if (ending) dirty_ = false;  // nothing that a stop waits for could be written
  return {};
}

}  // namespace exposee::engine
