#include "embedded/default_config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "fakes/tree.h"

namespace exposee::embedded {
namespace {

TEST(DefaultConfig, IsTheFileByteForByte) {
  std::ifstream file(fakes::in_tree("config/exposee.default.toml"), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ASSERT_FALSE(text.empty());
  EXPECT_EQ(default_config(), text);
}

}  // namespace
}  // namespace exposee::embedded
