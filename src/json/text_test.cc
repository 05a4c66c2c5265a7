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

}  // namespace
}  // namespace exposee
