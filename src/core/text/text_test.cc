#include "core/text/text.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>
#include <vector>

namespace exposee {
namespace {

TEST(Text, LowerCaseIsUnicodes) {
  const std::vector<std::pair<std::string_view, std::string_view>> rows = {
      {"", ""},
      {"Alice_01", "alice_01"},
      {"ŻÓŁW", "żółw"},
      {"żółw", "żółw"},
      {"GRÖSSE", "grösse"},
      {"Größe", "größe"},
      {"ẞ", "ß"},
      {"ΌΔΟΣ", "όδος"},  // final sigma
      {"ΌΔΟΣ ΣΑΣ", "όδος σας"},
      {"Σ", "σ"},  // not final: nothing stands before it
      {"İ", "i̇"},  // i and a combining dot
      {"ДА", "да"},
      {"Ⅷ", "ⅷ"},
      {"𐐀", "𐐨"},              // beyond the basic plane
      {"A\u030A", "a\u030A"},  // stays decomposed
      {"日本", "日本"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(lower_case(text), expected) << text;
}

TEST(Text, ComposedLowerCaseHasNoFinalSigmaAndIsNfc) {
  EXPECT_EQ(composed_lower_case("ΌΔΟΣ"), "όδοσ");
  EXPECT_EQ(composed_lower_case("BU\u0308CHER"), "bücher");
  EXPECT_EQ(composed_lower_case("ABC"), "abc");
  EXPECT_EQ(composed_lower_case(""), "");
}

TEST(Text, IdentifiersAreWhatUaxSays) {
  for (const std::string_view text :
       {"user_registered", "_", "_1", "größe", "x9", "名前", "Ⅷ", "ªb", "a\u0301", "℘", "a·b"}) {
    EXPECT_TRUE(is_identifier(text)) << text;
  }
  for (const std::string_view text :
       {"", " ", "a b", "a-b", "a.b", "9a", "a ", "€", "\u0301a", "a\u00A0", "a\u200D", "😀", "·a"}) {
    EXPECT_FALSE(is_identifier(text)) << text;
  }
}

TEST(Text, Utf8IsCheckedStrictly) {
  for (const std::string_view text : {"", "a", "ü", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_valid_utf8(text));
  for (const std::string_view text :
       {"\x80", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "a\xE2\x82"}) {
    EXPECT_FALSE(is_valid_utf8(text));
  }
}

TEST(Text, AsciiLowerCaseLeavesOtherBytesAlone) {
  EXPECT_EQ(ascii_lower_case("AZ[@`Ü"), "az[@`Ü");
  EXPECT_TRUE(is_ascii("AZ"));
  EXPECT_FALSE(is_ascii("Ü"));
}

TEST(Text, BytesThatAreNoCharacterAreReplacedOneByOne) {
  EXPECT_EQ(repaired_utf8("ab"), "ab");
  EXPECT_EQ(repaired_utf8("a\xFF\xC3z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(repaired_utf8("\xC3\xA4\xC3"), "\xC3\xA4\xEF\xBF\xBD");
  EXPECT_EQ(repaired_utf8(""), "");
}

}  // namespace
}  // namespace exposee
