#include "engine/lane/speed.h"

namespace exposee::engine {

void Speed::note_response(Duration took, Instant now) {
  if (!heard_at_) usual_ = took;
  heard_at_ = now;
  if (took < kFastReceiver) prompt_at_ = now;
  usual_ += (took - usual_) / kUsualWeight;
}

}  // namespace exposee::engine
