#include "core/digest.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

TEST(Digest, IsTheStandardsSha256) {
  const struct {
    std::string bytes;
    std::string_view hex;
  } rows[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(sha256(row.bytes).size(), kDigestBytes);
    EXPECT_EQ(hex_text(sha256(row.bytes)), row.hex) << row.bytes;
  }
}

}  // namespace
}  // namespace exposee
