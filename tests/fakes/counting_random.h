// "Randomness" that counts: every draw differs from every other, and a run repeats itself. Any thread.
#pragma once

#include <atomic>

#include "ports/random.h"

namespace exposee::fakes {

class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    std::uint64_t draw = ++draws_;
    for (auto& byte : bytes) {
      byte = static_cast<std::uint8_t>(draw);
      draw = draw >> 8 | draw << 56;
    }
  }

 private:
  std::atomic<std::uint64_t> draws_{0};
};

}  // namespace exposee::fakes
