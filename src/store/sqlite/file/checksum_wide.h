// The same checksum with the registers of AVX2, where the machine has them: half the time and half the instructions. To be
// used through checksum.h alone. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace exposee::store {

bool has_wide_checksum();
std::uint64_t checksum_wide(std::string_view bytes);  // only if it has

}  // namespace exposee::store
