// Clock and Random for tests of net/: time stands still, randomness is counted.
#pragma once

#include "ports/clock.h"
#include "ports/random.h"

namespace exposee::net {

class TestClock final : public Clock {
 public:
  Instant now() const override { return from_micros(1'746'590'590'779'082); }  // 2025-05-07T04:03:10.779082Z
  Duration monotonic() const override { return {}; }
};

class TestRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) byte = ++last_;
  }

 private:
  std::uint8_t last_ = 0;
};

}  // namespace exposee::net
