#include "engine/turn/shutdown.h"

#include <utility>

namespace exposee::engine {

void Shutdown::request(Duration limit) {
  limit_us_ = limit.count();
  stopping_ = true;
  ending_ = true;
}

bool Shutdown::begin_turn(Instant now) {
  now_ = now;
  if (stop_by_ || !ending_) return false;
  stop_by_ = now + Duration{limit_us_};
  return true;
}

bool Shutdown::must_recall() {
  return stopping_ && !std::exchange(recalled_, true);
}

void Shutdown::give_up(Instant now) {
  if (stop_by_) stop_by_ = now;
}

}  // namespace exposee::engine
