// How a running engine comes to its end: first no attempt starts any more, then it waits, no longer than it may,
// until those under way are recorded. Owned by the engine; its thread, but for the two requests.
#pragma once

#include <atomic>
#include <optional>

#include "core/time.h"

namespace exposee::engine {

class Shutdown {
 public:
  // Any thread.
  void hold_attempts() { stopping_ = true; }
  void request(Duration limit);

  // A turn begins. True in the first one after the request to end.
  bool begin_turn(Instant now);
  bool is_stopping() const { return stopping_; }            // no attempt starts any more
  bool is_ending() const { return stop_by_.has_value(); }   // and the engine is to return
  // Once: what the sender holds and has not begun is to come back.
  bool must_recall();
  // Nothing that it waits for can be written.
  void give_up(Instant now);
  // `settled`: nothing is left to wait for.
  bool is_over(bool settled) const { return stop_by_ && (settled || now_ >= *stop_by_); }

 private:
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> ending_ = false;
  std::atomic<std::int64_t> limit_us_ = 0;
  std::optional<Instant> stop_by_;
  bool recalled_ = false;
  Instant now_;  // of the last turn
};

}  // namespace exposee::engine
