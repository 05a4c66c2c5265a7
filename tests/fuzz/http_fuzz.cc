// Fuzzes the HTTP codec, both directions: any bytes, cut in any way, give one outcome and never break
// anything. Input: byte 0 chooses the direction and whether the connection ends after the bytes, bytes 1 and
// 2 where they are cut in two, the rest is what comes from the network. Build it with -fsanitize=fuzzer;
// http_test replays the corpus through the same function.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/assert.h"
#include "http/test_transcript.h"

namespace {

namespace http = exposee::http;

constexpr std::size_t kPrefixBytes = 3;
constexpr std::size_t kBodyLimit = 1024;                // small, so that limits are met
constexpr http::ResponseLimits kResponseLimits{64, 128};  // the same
constexpr std::uint8_t kResponseBit = 1, kEofBit = 2;

std::string read(const http::testing::Pieces& pieces, std::uint8_t mode) {
  if ((mode & kResponseBit) == 0) return http::testing::read_requests(pieces, kBodyLimit);
  return http::testing::read_response(pieces, (mode & kEofBit) != 0, kResponseLimits);
}

void read_all(const http::testing::Pieces& whole, const http::testing::Pieces& cut,
              const http::testing::Pieces& bytes, std::uint8_t mode) {
  const std::string told = read(whole, mode);
  EXPOSEE_ASSERT(read(cut, mode) == told, "a stream cut in two reads as it does in one piece");
  EXPOSEE_ASSERT(read(bytes, mode) == told, "a stream of single bytes reads as it does in one piece");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kPrefixBytes) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + kPrefixBytes, size - kPrefixBytes);
  const std::size_t cut = (std::size_t{data[1]} << 8 | data[2]) % (stream.size() + 1);
  read_all({stream}, http::testing::cut_in_two(stream, cut), http::testing::cut_in_bytes(stream), data[0]);
  return 0;
}
