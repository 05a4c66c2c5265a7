// The door to time. The real one is made in app/; tests and the simulator bring their own.
#pragma once

#include "core/time.h"

namespace exposee {

class Clock {
 public:
  virtual ~Clock() = default;
  // Any thread.
  virtual Instant now() const = 0;         // the wall clock: what people see; it may be set, also back
  virtual Duration monotonic() const = 0;  // since a moment in the past: it is never set and never runs back
};

}  // namespace exposee
