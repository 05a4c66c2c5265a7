#include "store/sqlite/file/checksum.h"

#include <gtest/gtest.h>

#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace exposee::store {
namespace {

std::string sample(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(i * 131 >> 3);
  return text;
}

// It lies on disks: another value would make everything that was ever written count as damaged.
TEST(Checksum, NeverChanges) {
  EXPECT_EQ(checksum({}), 0x2D06800538D394C2u);
  EXPECT_EQ(checksum("exposee"), 0x0BADE672FE35D07Cu);
  EXPECT_EQ(checksum(sample(420)), 0x128BD74DC0B84D5Cu);
  EXPECT_EQ(checksum(sample(4088)), 0x2CABAEC97F2D58C2u);
}

TEST(Checksum, IsTheSameWhateverRegistersTheMachineHas) {
  for (std::size_t bytes = 0; bytes < 5000; bytes += 7) {
    const auto text = sample(bytes);
    EXPECT_EQ(checksum(text), XXH3_64bits(text.data(), text.size())) << bytes;
  }
}

}  // namespace
}  // namespace exposee::store
