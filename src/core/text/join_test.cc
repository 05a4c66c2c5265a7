#include "core/text/join.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

TEST(Join, PiecesStandInOrderAndNothingElseDoes) {
  EXPECT_EQ(joined({}), "");
  EXPECT_EQ(joined({"a", {}, "", "bc"}), "abc");
  std::string text;
  std::string expected;
  for (int i = 0; i < 200; ++i) {  // through every way in which a string grows
    const std::string piece(static_cast<std::size_t>(i % 40), static_cast<char>('a' + i % 26));
    append_all(text, {piece, "-", piece});
    expected += piece + "-" + piece;
    ASSERT_EQ(text, expected);
  }
}

}  // namespace
}  // namespace exposee
