#include "core/text/ascii.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

TEST(Ascii, TellsDigitsFromTheirNeighbours) {
  for (const char c : {'0', '5', '9'}) EXPECT_TRUE(is_digit(c)) << c;
  for (const char c : {'/', ':', 'a', '\0', '\xb2'}) EXPECT_FALSE(is_digit(c)) << c;
}

TEST(Ascii, ReadsHexadecimalDigitsOfEitherCase) {
  const std::pair<char, int> rows[] = {{'0', 0}, {'9', 9}, {'a', 10}, {'f', 15}, {'A', 10}, {'F', 15},
                                       {'g', -1}, {'G', -1}, {'@', -1}, {'`', -1}, {'/', -1}, {'\xff', -1}};
  for (const auto& [c, value] : rows) EXPECT_EQ(hex_value(c), value) << c;
}

TEST(Ascii, TrimsSpacesAndTabsAtBothEndsOnly) {
  EXPECT_EQ(trimmed(" \t a b\t"), "a b");
  EXPECT_EQ(trimmed("\n"), "\n");
  EXPECT_EQ(trimmed(" \t "), "");
  EXPECT_EQ(trimmed(""), "");
}

}  // namespace
}  // namespace exposee
