#include "core/url/percent.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

TEST(Percent, DecodesPairsAndLeavesWhatIsNone) {
  EXPECT_EQ(percent_decoded("%41%7e%7E", false), "A~~");
  EXPECT_EQ(percent_decoded("%", false), "%");
  EXPECT_EQ(percent_decoded("%4", false), "%4");
  EXPECT_EQ(percent_decoded("%4g%41", false), "%4gA");
  EXPECT_EQ(percent_decoded("%%41", false), "%A");
}

TEST(Percent, ReadsAPlusAsABlankInQueriesOnly) {
  EXPECT_EQ(percent_decoded("a+b", true), "a b");
  EXPECT_EQ(percent_decoded("a+b", false), "a+b");
}

TEST(Percent, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(percent_encoded("aZ0-._~"), "aZ0-._~");
  EXPECT_EQ(percent_encoded("a b/\xc3\xa4"), "a%20b%2F%C3%A4");
}

}  // namespace
}  // namespace exposee
