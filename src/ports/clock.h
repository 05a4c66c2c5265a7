// The door to time. The real one is made in app/; tests and the simulator bring their own.
#pragma once

#include "core/time.h"

namespace exposee {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;  // wall clock, any thread
};

}  // namespace exposee
