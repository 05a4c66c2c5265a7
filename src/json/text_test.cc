#include "json/text.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

TEST(JsonText, EscapesWhatMustBeAndNothingElse) {
  const struct {
    std::string text, json;
  } rows[] = {
      {"", R"("")"},
      {"plain / text's", R"("plain / text's")"},
      {"\"x\" \\", R"("\"x\" \\")"},
      {"a\nb\tc\rd\be\f", R"("a\nb\tc\rd\be\f")"},
      {std::string("\0\x01\x1f", 3), R"("\u0000\u0001\u001f")"},
      {"\x7f grüße 🐢", "\"\x7f grüße 🐢\""},
  };
  for (const auto& row : rows) EXPECT_EQ(json(row.text), row.json);
}

using std::string_view_literals::operator""sv;

std::string clean_json(std::string_view text) {
  std::string out;
  append_clean_json_string(text, out);
  return out;
}

TEST(JsonText, AnyBytesBecomeAValidTextThatNoTerminalObeys) {
  const struct {
    std::string_view text, json;
  } rows[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b\\c", R"("a\"b\\c")"},
      {"line\nend\r\t", R"("line\nend\r\t")"},
      {"\0\x1b[31m\x7f"sv, "\"\\u0000\\u001b[31m\xEF\xBF\xBD\""},
      {"größe ✓ 𝄞", R"("größe ✓ 𝄞")"},
      {"c1 \xC2\x9B end", "\"c1 \xEF\xBF\xBD end\""},
      {"nbsp \xC2\xA0", "\"nbsp \xC2\xA0\""},
      {"bad \xFF\xFE end", "\"bad \xEF\xBF\xBD\xEF\xBF\xBD end\""},
      {"cut \xC3", "\"cut \xEF\xBF\xBD\""},
      {"surrogate \xED\xA0\x80", "\"surrogate \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
  };
  for (const auto& row : rows) EXPECT_EQ(clean_json(row.text), row.json);
}

TEST(JsonText, BytesThatAreNoCharactersAreReplacedOneByOne) {
  const struct {
    std::string_view bytes, text;
  } rows[] = {
      {"", ""},
      {"größe \x1b[31m\x7f", "größe \x1b[31m\x7f"},
      {"bad \xFF\xFE end", "bad \xEF\xBF\xBD\xEF\xBF\xBD end"},
      {"cut \xC3", "cut \xEF\xBF\xBD"},
      {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
  };
  for (const auto& row : rows) EXPECT_EQ(printable_utf8(row.bytes), row.text);
}

}  // namespace
}  // namespace exposee
