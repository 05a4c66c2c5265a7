#include "http/blanks.h"

#include <gtest/gtest.h>

namespace exposee::http {
namespace {

TEST(Blanks, TabsAtAValuesEndBecomeSpaces) {
  EXPECT_EQ(plain_field_lines("A: 5\t\r\nB:\tc\td \t\r\nC: e\r\n\r\n"),
            "A: 5 \r\nB:\tc\td  \r\nC: e\r\n\r\n");
  EXPECT_EQ(plain_field_lines("\tA: 5\r\n"), "\tA: 5\r\n");
  EXPECT_EQ(plain_field_lines("A\t: 5\r\n"), "A\t: 5\r\n");
}

TEST(Blanks, AroundChunkExtensionsAreDroppedWithThemWhereTheGrammarIsMet) {
  struct Row {
    std::string_view line, plain;
  };
  const Row rows[] = {
      {"2; a", "2"},
      {"2 ;a", "2"},
      {"2 ; a = b ; c", "2"},
      {"1F\t;\ta\t=\t\"x; \\\" y\"", "1F"},
      {"2;a=\"b c\"", "2"},
      // Not the grammar: llhttp sees them as they are, and refuses.
      {"2 ", "2 "},
      {"2\t", "2\t"},
      {" 2;a", " 2;a"},
      {" 2; a", " 2; a"},
      {"2 3;a", "2 3;a"},
      {"2 ;", "2 ;"},
      {"2; a ", "2; a "},
      {"2; a=", "2; a="},
      {"2; a=\"b", "2; a=\"b"},
      {"2; a=\"b\\", "2; a=\"b\\"},
      {"2; a b", "2; a b"},
      {"2; ;a", "2; ;a"},
      {"0x2; a", "0x2; a"},
      {"+2; a", "+2; a"},
      {"; a", "; a"},
      {" ", " "},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(plain_chunk_line(std::string(row.line) + "\r\n"), std::string(row.plain) + "\r\n") << row.line;
  }
}

}  // namespace
}  // namespace exposee::http
