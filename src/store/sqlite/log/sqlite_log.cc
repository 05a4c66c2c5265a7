#include "store/sqlite/log/sqlite_log.h"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "store/sqlite/sqlite_error.h"

namespace exposee::store {
namespace {

constexpr std::uint32_t kMagic = 0x377f0682;  // with its last bit set, the words of checksums are big-endian
constexpr std::uint32_t kFormat = 3'007'000;

std::uint32_t big_endian(const unsigned char* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

// Fibonacci-weighted, over pairs of words.
struct LogSum {
  bool big = false;
  std::uint32_t first = 0, second = 0;

  void add(std::span<const unsigned char> bytes) {
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      first += word(&bytes[i]) + second;
      second += word(&bytes[i + 4]) + first;
    }
  }
  bool is(const unsigned char* at) const { return first == big_endian(at) && second == big_endian(at + 4); }

 private:
  std::uint32_t word(const unsigned char* at) const {
    const auto value = big_endian(at);
    return big ? value : std::byteswap(value);
  }
};

LogSum sum_of_header(std::span<const unsigned char> bytes) {
  LogSum sum{(big_endian(bytes.data()) & 1) != 0};
  sum.add(bytes.first(24));
  return sum;
}

bool is_right(std::span<const unsigned char> frame, const LogHeader& header, LogSum& sum) {
  sum.add(frame.first(8));
  sum.add(frame.subspan(kFrameHeaderBytes));
  const auto of_frame = frame_header(frame);
  return of_frame.page != 0 && of_frame.salt1 == header.salt1 && of_frame.salt2 == header.salt2 && sum.is(&frame[16]);
}

}  // namespace

LogHeader log_header(std::span<const unsigned char> bytes) {
  LogHeader header{big_endian(&bytes[16]), big_endian(&bytes[20]), big_endian(&bytes[8])};
  const bool known = (big_endian(&bytes[0]) & ~1u) == kMagic && big_endian(&bytes[4]) == kFormat;
  const bool possible = std::has_single_bit(header.page_bytes) && header.page_bytes <= 65'536;
  header.whole = known && possible && sum_of_header(bytes).is(&bytes[24]);
  return header;
}

FrameHeader frame_header(std::span<const unsigned char> bytes) {
  return {big_endian(&bytes[0]), big_endian(&bytes[4]), big_endian(&bytes[8]), big_endian(&bytes[12])};
}

Result<std::optional<LogWalk>> walk_log(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<unsigned char, kLogHeaderBytes> head{};
  if (!file && errno != ENOENT) return system_error(errno, "Cannot read the log " + path);
  if (!file.read(reinterpret_cast<char*>(head.data()), kLogHeaderBytes)) {
    if (file.gcount() == 0) return std::optional<LogWalk>{};
    return std::optional(LogWalk{});
  }
  LogWalk walk{log_header(head)};
  if (!walk.header.whole) return std::optional(walk);
  walk.whole = kLogHeaderBytes;
  auto sum = sum_of_header(head);
  std::vector<unsigned char> frame(kFrameHeaderBytes + walk.header.page_bytes);
  while (file.read(reinterpret_cast<char*>(frame.data()), static_cast<std::streamsize>(frame.size()))) {
    if (!is_right(frame, walk.header, sum)) break;
    walk.whole += frame.size();
  }
  return std::optional(walk);
}

}  // namespace exposee::store
