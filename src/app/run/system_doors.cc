#include "app/run/system_doors.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <cstring>

#include "core/assert.h"

namespace exposee::app {
namespace {

void generate(std::span<std::uint8_t> bytes) {
  const int done = RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  EXPOSEE_ASSERT(done == 1, "the system gives randomness");
}

class DrawBuffer {
 public:
  static constexpr std::size_t kBytes = 1024;  // about a hundred ids

  ~DrawBuffer() { OPENSSL_cleanse(buffer_.data(), buffer_.size()); }

  void draw(std::span<std::uint8_t> bytes) {
    if (bytes.size() > kBytes - used_) {
      generate(buffer_);
      used_ = 0;
    }
    std::memcpy(bytes.data(), buffer_.data() + used_, bytes.size());
    OPENSSL_cleanse(buffer_.data() + used_, bytes.size());
    used_ += bytes.size();
  }

 private:
  std::array<std::uint8_t, kBytes> buffer_{};
  std::size_t used_ = kBytes;
};

}  // namespace

Instant SystemClock::now() const {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Duration SystemClock::monotonic() const {
  return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  if (bytes.empty()) return;
  if (bytes.size() > DrawBuffer::kBytes / 4) return generate(bytes);
  thread_local DrawBuffer buffer;
  buffer.draw(bytes);
}

}  // namespace exposee::app
