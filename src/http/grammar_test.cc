#include "http/grammar.h"

#include <gtest/gtest.h>

#include <string>

namespace exposee::http {
namespace {

TEST(Grammar, FindsEveryControlByteAtEveryPlaceAndNothingElse) {
  for (int c = 0; c < 256; ++c) {
    const bool control = (c < 0x20 && c != '\t') || c == 0x7f;
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'x');
      text[at] = static_cast<char>(c);
      const char* end = text.data() + text.size();
      EXPECT_EQ(find_control(text.data(), end), control ? text.data() + at : end) << c << " at " << at;
    }
  }
}

TEST(Grammar, FindsTheFirstControlByteBehindTabsAndHighBytes) {
  const std::string text =
      "\t\xff\x80\t\xfe"
      "abc\t\x01\n";
  EXPECT_EQ(find_control(text.data(), text.data() + text.size()) - text.data(), 9);
}

TEST(Grammar, TokensAreWhatTheRfcLists) {
  EXPECT_TRUE(is_token("webhook-delivery"));
  EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~09azAZ"));
  for (const char* text : {"", "a b", "a:", "a\t", "\"a\"", "(a)", "a/b",
                           "gr\xc3\xb6\xc3\x9f"
                           "e",
                           "a,b", "{}"}) {
    EXPECT_FALSE(is_token(text)) << text;
  }
}

TEST(Grammar, FieldValuesHaveNoControlBytes) {
  EXPECT_TRUE(is_field_value(""));
  EXPECT_TRUE(is_field_value("a\tb \xc3\xbc"));
  EXPECT_FALSE(is_field_value("a\r\nSet-Cookie: b"));
  EXPECT_FALSE(is_field_value(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_field_value("\x7f"));
}

TEST(Grammar, CaseIsIgnoredInAsciiOnly) {
  EXPECT_TRUE(equals_ignoring_case("Content-LENGTH", "content-length"));
  EXPECT_FALSE(equals_ignoring_case("content-length", "content_length"));
  EXPECT_FALSE(equals_ignoring_case("\xc3\x84", "\xc3\xa4"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
}

}  // namespace
}  // namespace exposee::http
