// The real clock and the real randomness behind ports/clock.h and ports/random.h; the only place that reads
// the system for either. Made once by the wiring; any thread.
#pragma once

#include "ports/clock.h"
#include "ports/random.h"

namespace exposee::app {

class SystemClock final : public Clock {
 public:
  Instant now() const override;
  Duration monotonic() const override;
};

// OpenSSL's generator, seeded by the system and fit for secrets. Small draws come from a buffer of the
// thread, because a call costs more than the bytes; bytes handed out are wiped from it. A generator that
// fails ends the process.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace exposee::app
