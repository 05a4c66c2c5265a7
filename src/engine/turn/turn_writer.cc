#include "engine/turn/turn_writer.h"

#include <utility>

#include "core/assert.h"

namespace exposee::engine {

bool comes_again(const Written& written) {
  const auto code = written.error.code;
  return written.end == WriteEnd::failed && !written.perhaps &&
         (code == ErrorCode::internal || code == ErrorCode::damaged);
}

Written TurnWriter::write(Turn& turn) {
  turn.marker = {marker_.node, ++marker_.turn};
  turn.fence.epoch = epoch_;
  return store_.write(turn);
}

Written TurnWriter::write_alone(Turn turn, Instant now) {
  turn.now = now;
  auto written = write(turn);
  if (written.end != WriteEnd::unknown) return written;
  if (const auto is_written = settled(); is_written && *is_written) return {};
  return Written::failed({ErrorCode::unavailable, std::move(written.error.message), {}});
}

UnknownTurn TurnWriter::release() {
  EXPOSEE_ASSERT(unknown_.has_value(), "only a turn that is held is released");
  return *std::exchange(unknown_, std::nullopt);
}

}  // namespace exposee::engine
