#include "json/read.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// The offsets are those of the original's parser, where it refused the text at all.
TEST(JsonRead, NamesThePlaceOfEveryFault) {
  const struct {
    std::string text;
    std::size_t offset;
    std::string_view message;
  } rows[] = {
      {"", 0, "Expecting value"},
      {"   ", 3, "Expecting value"},
      {"{not json", 1, "Expecting property name enclosed in double quotes"},
      {"{\"event\":", 9, "Expecting value"},
      {"{}{}", 2, "Extra data"},
      {"{} x", 3, "Extra data"},
      {"{'event':'x'}", 1, "Expecting property name enclosed in double quotes"},
      {"{\"a\":1,}", 7, "Expecting property name enclosed in double quotes"},
      {"{\"a\" 1}", 5, "Expecting ':' delimiter"},
      {"{\"a\":1 \"b\":2}", 7, "Expecting ',' delimiter"},
      {"{", 1, "Expecting property name enclosed in double quotes"},
      {"{\"a\"", 4, "Expecting ':' delimiter"},
      {"{\"a\":1", 6, "Expecting ',' delimiter"},
      {"[", 1, "Expecting value"},
      {"[1,]", 3, "Expecting value"},
      {"[1 2]", 3, "Expecting ',' delimiter"},
      {"[1", 2, "Expecting ',' delimiter"},
      {"{\"a\":NaN}", 5, "Expecting value"},
      {"[-Infinity]", 1, "Expecting value"},
      {"{\"a\":01}", 6, "Expecting ',' delimiter"},
      {"-", 0, "Expecting value"},
      {"1.", 1, "Extra data"},
      {"1e", 1, "Extra data"},
      {".5", 0, "Expecting value"},
      {"+1", 0, "Expecting value"},
      {"nul", 0, "Expecting value"},
      {"nullx", 4, "Extra data"},
      {"True", 0, "Expecting value"},
      {"\"abc", 0, "Unterminated string starting at"},
      {"\"abc\\", 0, "Unterminated string starting at"},
      {"\"a\nb\"", 2, "Invalid control character at"},
      {"\"a\\x\"", 2, "Invalid \\escape"},
      {"\"a\\u12", 3, "Invalid \\uXXXX escape"},
      {"\"\\u12g4\"", 2, "Invalid \\uXXXX escape"},
      {"{\"ü🐢\":}", 6, "Expecting value"},  // characters, not bytes
      {"{\"a\":1,\"a\":2}", 7, "Duplicate key"},
      {"{\"a\":1,\"\\u0061\":2}", 7, "Duplicate key"},
      {"[{\"x\":{\"k\":1,\"k\":2}}]", 13, "Duplicate key"},
      {"\"\\ud800\"", 1, "Lone surrogate"},
      {"\"x\\udc00\"", 2, "Lone surrogate"},
      {"\"\\ud800\\u0041\"", 1, "Lone surrogate"},
      {"{\"\\ud800\":1}", 2, "Lone surrogate"},
      {"\"a\xff\"", 2, "Invalid UTF-8"},
      {"\"ü\xc0\xaf\"", 2, "Invalid UTF-8"},
      {"\"\xed\xa0\x80\"", 1, "Invalid UTF-8"},
      {repeated("[", 65) + repeated("]", 65), 64, "Nested too deeply: 64 levels are allowed"},
  };
  for (const auto& row : rows) {
    const auto read = read_json(row.text);
    ASSERT_FALSE(read) << row.text;
    EXPECT_EQ(read.error().offset, row.offset) << row.text;
    EXPECT_EQ(read.error().message, row.message) << row.text;
  }
}

TEST(JsonRead, TakesEverythingThatIsValid) {
  std::string wide = "{";
  for (int i = 0; i < 100; ++i) wide += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":" + std::to_string(i);
  const std::string rows[] = {
      "null",
      " true ",
      "\"x\"",
      "0",
      "-0",
      "1e5",
      "{}",
      "[]",
      "[1,2.5,-3e-2]",
      "\"\\u0000\"",
      "\"\\ud83d\\ude00\"",
      "{\"a\":{\"a\":[{\"a\":1}]}}",
      "\"\x7f\"",
      wide + "}",
      repeated("[", 64) + repeated("]", 64),
      repeated("{\"a\":", 63) + "{}" + repeated("}", 63),
      "12345678901234567890123",
      "[1e400,-1e999]",
      "{\"a\":-123456789012345678901234567890.5e-7}",
      "[\"" + repeated("x", 300'000) + "\"]",
  };
  for (const auto& text : rows) EXPECT_TRUE(read_json(text)) << text.substr(0, 80);
}

TEST(JsonRead, ANumberBeyond64BitsIsTakenForNoWholeNumber) {
  const std::string numbers[] = {"18446744073709551616", "-9223372036854775809", "1e400", "1E9999", "-1e400",
                                 "1000000000000000000000000000000"};
  for (const auto& number : numbers) {
    const auto read = read_json("[1e3,0," + number + "]");
    ASSERT_TRUE(read) << number;
    std::int64_t whole = 0;
    EXPECT_EQ(read->at(1).get(whole), simdjson::SUCCESS) << number;
    EXPECT_NE(read->at(2).get(whole), simdjson::SUCCESS) << number << " was read as " << whole;
  }
}

TEST(JsonRead, ADuplicateIsFoundAmongManyKeys) {
  std::string text = "{\"first\":0";
  for (int i = 0; i < 100; ++i) text += ",\"k" + std::to_string(i) + "\":0";
  EXPECT_TRUE(read_json(text + "}"));
  EXPECT_FALSE(read_json(text + ",\"first\":1}"));
}

TEST(JsonRead, TheScannerAgreesWithSimdjsonOnEveryTruncationAndEveryChangedByte) {
  const std::string whole = R"({"a":[1,-2.5e3,true,null,{"b":"\u00e9\n\ud83d\ude00 ü"}],"c":{}, "d":"" })";
  std::vector<std::string> texts;
  for (std::size_t i = 0; i <= whole.size(); ++i) texts.push_back(whole.substr(0, i));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char c : std::string_view("\"\\{}[],:0e-. \n\x01\xff\xc3", 17)) {
      texts.push_back(whole);
      texts.back()[i] = c;
    }
  }
  simdjson::dom::parser parser;
  for (const auto& text : texts) {
    const bool strict = !scan_json(text).fault;
    const bool lax = parser.parse(text).error() == simdjson::SUCCESS;  // knows nothing of duplicates
    const bool duplicate = read_json(text).has_value() != lax;
    EXPECT_TRUE(strict == lax || (duplicate && !strict)) << text;
  }
}

TEST(JsonRead, RawMembersAreTheBytesReceived) {
  const std::string text =
      "\n{ \"a\" : \"x\\\"},\" , \"b\":[ {\"c\" : \"]\"}, 2 ]\t,\"big\": 12345678901234567890123 ,"
      "\"e\":1e2,\"t\":true}";
  ASSERT_TRUE(read_json(text));
  const std::string_view expected[] = {"\"x\\\"},\"", "[ {\"c\" : \"]\"}, 2 ]", "12345678901234567890123",
                                       "1e2", "true"};
  const auto count = std::size(expected);
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(raw_member(text, i, count), expected[i]);
}

TEST(JsonRead, TheLastRawMemberEndsWhereTheObjectDoes) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"a":1})", "1"},
      {R"({"a":{}})", "{}"},
      {R"({"a":{"b":"}"}})", R"({"b":"}"})"},
      {"{\"a\" :\t[ ] \n}\r\n", "[ ]"},
      {R"({"a":"}"})", R"("}")"},
      {R"( {"\"a\":" : "\\" } )", R"("\\")"},
  };
  for (const auto& [text, value] : cases) {
    ASSERT_TRUE(read_json(text)) << text;
    EXPECT_EQ(raw_member(text, 0, 1), value) << text;
  }
}

TEST(JsonRead, TheItemsOfAnArrayAreSteppedOverOneByOne) {
  const std::string text =
      "\t[ 1,true ,\"a,]\\\"\" , { } ,[[{}],\"]\"], {\"a\" : 1.50 ,\"b\":[ {\"c\":\"}\"} ], "
      "\"c\":null,\"d\":4 } ,{\"e\":-0}] ";
  ASSERT_TRUE(read_json(text)) << text;
  RawArray items(text);
  using Row = std::array<std::string_view, 3>;
  const Row expected[] = {{}, {}, {}, {}, {}, {"1.50", "[ {\"c\":\"}\"} ]", "null"}, {"-0"}};
  for (const auto& row : expected) {
    Row values;
    items.next(values);
    EXPECT_EQ(values, row);
  }
}

TEST(JsonRead, AByteOrderMarkMeansNothing) {
  EXPECT_EQ(without_bom("\xEF\xBB\xBF{}"), "{}");
  EXPECT_EQ(without_bom("{}"), "{}");
  EXPECT_TRUE(is_json("\xEF\xBB\xBF []"));
  EXPECT_FALSE(is_json(""));
}

}  // namespace
}  // namespace exposee
