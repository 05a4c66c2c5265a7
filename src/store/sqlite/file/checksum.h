// The checksum of what is stored: 64 bits of XXH3, which notice damage (not malice) at the speed of memory. It lies on
// disks, so it never changes. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace exposee::store {

std::uint64_t checksum(std::string_view bytes);

}  // namespace exposee::store
