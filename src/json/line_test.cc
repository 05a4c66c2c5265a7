#include "json/line.h"

#include <gtest/gtest.h>

#include <limits>

namespace exposee {
namespace {

using std::string_view_literals::operator""sv;

std::string escaped(std::string_view text) {
  std::string out;
  append_json_text(text, out);
  return out;
}

TEST(JsonLine, EscapesEveryTextSoThatTheLineIsValid) {
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
  for (const auto& row : rows) EXPECT_EQ(escaped(row.text), row.json);
}

TEST(JsonLine, KeepsTheOrderAndTheTypes) {
  JsonLine line;
  line.add("text", "a");
  line.add("yes", true);
  line.add("below", std::int64_t{-5});
  line.add("large", std::numeric_limits<std::uint64_t>::max());
  line.add("part", 1.5);
  line.add("none", std::numeric_limits<double>::infinity());
  line.add_raw("list", "[1]");
  EXPECT_EQ(
      std::move(line).finish(),
      R"({"text":"a","yes":true,"below":-5,"large":18446744073709551615,"part":1.500,"none":null,"list":[1]})");
}

TEST(JsonLine, MayBeEmpty) {
  EXPECT_EQ(JsonLine().finish(), "{}");
}

}  // namespace
}  // namespace exposee
