#include "json/writer.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

TEST(JsonWriter, AnObjectThatIsWrittenAlreadyGoesOnInAnotherByteForByte) {
  const struct {
    std::string_view object, json;
  } rows[] = {
      {"{}", R"({"first":1,"last":[]})"},
      {R"({"a":1.50})", R"({"first":1,"a":1.50,"last":[]})"},
      {R"({"a":"}","b":{ }})", R"({"first":1,"a":"}","b":{ },"last":[]})"},
  };
  for (const auto& row : rows) {
    JsonWriter json;
    json.begin_object().member("first", 1).members_of(row.object).key("last").begin_array().end_array().end_object();
    EXPECT_EQ(json.take(), row.json);
  }
  EXPECT_EQ(JsonWriter().begin_object().members_of(R"({"a":1})").end_object().take(), R"({"a":1})");
}

}  // namespace
}  // namespace exposee
