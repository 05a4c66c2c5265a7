#include "engine/lane/speed.h"

#include <algorithm>

namespace exposee::engine {

void Speed::note_response(Duration took, Instant now) {
  if (!heard_at_) {
    shortest_ = usual_ = took;
    since_ = now;
  }
  heard_at_ = now;
  if (took < kFastReceiver) overdue_ = false;
  usual_ += (took - usual_) / kUsualWeight;
  current_ = std::min(current_, took);
  shortest_ = std::min(shortest_, took);
  if (++measured_ < kSpeedWindow || now - since_ < kSpeedTime) return;
  shortest_ = current_;  // what came before this window counts no longer
  current_ = Duration::max();
  measured_ = 0;
  since_ = now;
}

}  // namespace exposee::engine
