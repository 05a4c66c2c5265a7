// The door to randomness: ids, secrets, jitter. The real one is OpenSSL's generator; the simulator's is
// seeded.
#pragma once

#include <cstdint>
#include <span>

namespace exposee {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;  // any thread
  // Uniform in [0, 1).
  double random01() {
    std::uint8_t b[8];
    fill(b);
    std::uint64_t x = 0;
    for (auto v : b) x = (x << 8) | v;
    return static_cast<double>(x >> 11) * 0x1.0p-53;
  }
};

}  // namespace exposee
