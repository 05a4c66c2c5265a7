#include "store/sqlite/file/checksum.h"

#include "store/sqlite/file/checksum_wide.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace exposee::store {
namespace {

// What is shorter is not hashed in wide registers.
constexpr std::size_t kShort = 240;

std::uint64_t checksum_plain(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace

// Without a seed: one costs a third more for what is as long as an event.
std::uint64_t checksum(std::string_view bytes) {
  static const auto of_long = has_wide_checksum() ? checksum_wide : checksum_plain;
  return bytes.size() <= kShort ? checksum_plain(bytes) : of_long(bytes);
}

}  // namespace exposee::store
