#include "engine/turn/checkpoints.h"

namespace exposee::engine {

void Checkpoints::begin(Instant now) {
  at_ = now + kCheckpointInterval;
  dirty_ = true;
}

void Checkpoints::put_into(Turn& turn, EventSeq last, Instant now) {
  taken_ = dispatcher_.checkpoint(last, now);
  turn.checkpoint = Checkpoint{last, taken_->marks, dispatcher_.shards().held};
  turn.removed_packs = taken_->removed;
  turn.packs = taken_->packs;
}

void Checkpoints::settle(Instant now, bool wrote, bool ending) {
  if (taken_ || at_ <= now) at_ = now + kCheckpointInterval;
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

Written Checkpoints::write_alone(TurnWriter& writer, EventSeq last, Instant now, bool ending) {
  Turn turn;
  put_into(turn, last, now);
  auto written = writer.write_alone(turn, now);
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
