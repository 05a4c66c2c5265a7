#include "store/sqlite/file/checksum_wide.h"

#include "core/assert.h"

#ifdef __x86_64__

#include <immintrin.h>

// All of the library below is compiled for AVX2, and nothing else is: the rest of the program runs anywhere.
#pragma GCC push_options
#pragma GCC target("avx2")
#define XXH_INLINE_ALL
#define XXH_VECTOR 2  // XXH_AVX2
#include <xxhash.h>

namespace exposee::store {

std::uint64_t checksum_wide(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace exposee::store

#pragma GCC pop_options

namespace exposee::store {

bool has_wide_checksum() {
  return __builtin_cpu_supports("avx2") != 0;
}

}  // namespace exposee::store

#else

namespace exposee::store {

bool has_wide_checksum() {
  return false;
}
std::uint64_t checksum_wide(std::string_view) {
  EXPOSEE_ASSERT(false, "only where the machine has it");
  return 0;
}

}  // namespace exposee::store

#endif
